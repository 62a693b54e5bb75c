/* The Swimmer images (Donoho & Stodden 2003): a torso and four limbs. Each limb has four
 * positions, all 4⁴ combinations occur once. No two parts share a pixel. */
#include "read/generate.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>

enum {
    SIDE = 32,
    PIXELS = SIDE * SIDE,
    LIMBS = 4,
    POSITIONS = 4,
    LIMB_PARTS = LIMBS * POSITIONS,
    TORSO = LIMB_PARTS,
    PARTS = LIMB_PARTS + 1,
    IMAGES = 256, /* POSITIONS to the power of LIMBS */
    LIMB_LENGTH = 7,
    TORSO_TOP = 10,
    TORSO_BOTTOM = 21,
    TORSO_LEFT = 15,
    TORSO_RIGHT = 16
};

static void paint(uint8_t *part, int row, int column)
{
    part[row * SIDE + column] = 1;
}

/* Arms hang on the upper corners of the torso, legs on the lower ones. A limb points along the
 * torso away from its middle, outwards, or to one of the two diagonals. */
static void paint_limb(uint8_t *part, int limb, int position)
{
    static const int along[POSITIONS] = {1, 1, 0, -1}, across[POSITIONS] = {0, 1, 1, 1};
    const bool arm = limb < 2, left = limb % 2 == 0;
    const int row = arm ? TORSO_TOP : TORSO_BOTTOM,
              column = left ? TORSO_LEFT - 1 : TORSO_RIGHT + 1;
    const int down = arm ? -along[position] : along[position];
    const int right = left ? -across[position] : across[position];
    for (int step = 1; step <= LIMB_LENGTH; step++)
        paint(part, row + step * down, column + step * right);
}

static void paint_parts(uint8_t parts[PARTS][PIXELS])
{
    for (int p = 0; p < LIMB_PARTS; p++)
        paint_limb(parts[p], p / POSITIONS, p % POSITIONS);
    for (int row = TORSO_TOP; row <= TORSO_BOTTOM; row++)
        for (int column = TORSO_LEFT; column <= TORSO_RIGHT; column++)
            paint(parts[TORSO], row, column);
}

/* Whether an image shows a part. */
static bool shows(int64_t image, int part)
{
    if (part == TORSO)
        return true;
    const int64_t position = image >> (2 * (part / POSITIONS)) & (POSITIONS - 1);
    return position == part % POSITIONS;
}

static double brightness(pw_type type)
{
    return pw_generate_is_whole(type) ? 100 : 1;
}

typedef struct swimmer {
    const pw_options *options;
    const uint8_t (*parts)[PIXELS];
    double bright;
} swimmer;

static void paint_image(const void *context, int64_t image, int64_t from, int64_t count,
                        double *pixel)
{
    const swimmer *g = context;
    const pw_random_key key = {(uint64_t)g->options->seed, PW_RANDOM_GENERATE_NOISE, 0};
    for (int64_t i = 0; i < count; i++) {
        const int64_t at = from + i;
        pixel[i] = 0;
        for (int p = 0; p < PARTS; p++)
            pixel[i] += g->parts[p][at] && shows(image, p) ? g->bright : 0;
        if (g->options->noise > 0)
            pixel[i] +=
                g->bright * g->options->noise * fabs(pw_random_normal(key, image, (uint32_t)at));
    }
}

static pw_code plant(pw_team *team, uint8_t parts[PARTS][PIXELS], double bright,
                     pw_planted *planted)
{
    pw_code code = PW_OK;
    pw_planted_array *W, *H;
    PW_TRY(pw_planted_add(planted, team, "parts", PW_U8, PARTS, PIXELS, &H));
    for (int64_t i = 0; i < H->count * PIXELS; i++)
        ((uint8_t *)H->values)[i] = parts[H->first + i / PIXELS][i % PIXELS];
    PW_TRY(pw_planted_add(planted, team, "W", PW_F64, IMAGES, PARTS, &W));
    for (int64_t i = 0; i < W->count * PARTS; i++)
        ((double *)W->values)[i] = shows(W->first + i / PARTS, (int)(i % PARTS)) ? bright : 0;
done:
    return code;
}

pw_code pw_generate_swimmer(pw_team *team, const pw_options *options, pw_matrix *V,
                            pw_planted *planted)
{
    const pw_type type = pw_generate_type(options, PW_U8);
    uint8_t(*parts)[PIXELS] = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_matrix_new_dense(team, IMAGES, PIXELS, false, type, V));
    if ((code = PW_NEW(parts, PARTS)) == PW_OK) {
        paint_parts(parts);
        code = plant(team, parts, brightness(type), planted);
    }
    PW_TRY(pw_agree(team, code));
    const swimmer g = {options, (const uint8_t(*)[PIXELS])parts, brightness(type)};
    pw_generate_dense(team, V, paint_image, &g);
done:
    free(parts);
    return code;
}
