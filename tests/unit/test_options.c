/* Options: which source wins, what is refused and how it is said, the record, the help. */
#include "base/methods.h"
#include "base/nearest.h"
#include "base/options.h"
#include "base/options_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { MOST_ARGUMENTS = 16 };
static const char FILE_NAME[] = "test_options.ini";

static pw_options options;
static bool help;

/* Parses the words of `line` for the command that is its first word. */
static pw_code parse(const char *line)
{
    static char words[512];
    char *argv[MOST_ARGUMENTS + 1] = {NULL};
    int argc = 0;
    pw_command command;
    snprintf(words, sizeof words, "%s", line);
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
        assert_true(argc < MOST_ARGUMENTS);
        argv[argc++] = word;
    }
    assert_int_equal(pw_command_named(argv[0], &command), PW_OK);
    pw_options_destroy(&options);
    assert_int_equal(pw_options_default(command, &options), PW_OK);
    return pw_options_parse(command, argc, argv, &options, &help);
}

static void parses(const char *line)
{
    if (parse(line) != PW_OK)
        fail_msg("%s: %s", line, pw_failure());
}

static void refuses(const char *line, const char *message)
{
    if (parse(line) != PW_ERROR_USAGE)
        fail_msg("%s: was not refused", line);
    if (!strstr(pw_failure(), message))
        fail_msg("%s:\n  says    %s\n  but not %s", line, pw_failure(), message);
}

static void write_file(const char *text)
{
    FILE *file = fopen(FILE_NAME, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* The files of the tests live in a folder of their own. */
static char folder[] = "/tmp/partwise_options_XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? chdir(folder) : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return chdir("/") || rmdir(folder);
}

static int clean(void **state)
{
    (void)state;
    remove(FILE_NAME);
    pw_options_destroy(&options);
    unsetenv("PARTWISE_K");
    unsetenv("PARTWISE_SEED");
    unsetenv("PARTWISE_TOLERANCE");
    unsetenv("PARTWISE_MAX_ITERATIONS");
    unsetenv("PARTWISE_MAX_ITERATION");
    unsetenv("PARTWISE_DENSITY");
    unsetenv("PARTWISE_FAULT");
    unsetenv("PARTWISE_ROOT");
    unsetenv("PARTWISE_CONFIG");
    unsetenv("PARTWISE_OUTPUT");
    return 0;
}

static void defaults(void **state)
{
    (void)state;
    parses("fit V -k 3");
    assert_string_equal(options.input, "V");
    assert_string_equal(options.output, "model.h5");
    assert_int_equal(options.k, 3);
    assert_int_equal(options.method, PW_METHOD_hals); /* what auto comes to */
    assert_int_equal(options.max_iterations, 1000);
    assert_true(options.tolerance == 1e-5 && options.stall == 1e-6);
    assert_true(options.checkpoint_every == 600 && options.report_every == 10);
    assert_null(options.checkpoint);
    assert_int_equal(options.distribute, PW_DISTRIBUTE_AUTO);
    assert_false(help || options.quiet || options.verbose);
    parses("svd V -k 3");
    assert_int_equal(options.distribute, PW_DISTRIBUTE_AUTO);
    parses("convert a.csv b.h5");
    assert_int_equal(options.distribute, PW_DISTRIBUTE_ROWS);
    parses("generate swimmer -o a.h5");
    assert_int_equal(options.k, 10);
}

static void ways_to_write(void **state)
{
    (void)state;
    parses("fit V -k5 -o out.h5 --tolerance=0 --stall 0.5 --seed 1e6 --method mu --quiet");
    assert_int_equal(options.k, 5);
    assert_string_equal(options.output, "out.h5");
    assert_true(options.tolerance == 0 && options.stall == 0.5);
    assert_int_equal(options.seed, 1000000);
    assert_int_equal(options.method, PW_METHOD_mu);
    assert_true(options.quiet);
    parses("fit --k=7 -v -- -V-");
    assert_string_equal(options.input, "-V-");
    assert_true(options.verbose);
    parses("fit V -k 5 -k 6 --quiet=no");
    assert_int_equal(options.k, 6);
    assert_false(options.quiet);
    parses("fit V -k 5 --seed 9223372036854775807");
    assert_true(options.seed == INT64_MAX);
    parses("fit --nonsense --help");
    assert_true(help);
}

static void stronger_source_wins(void **state)
{
    (void)state;
    write_file("# a comment\n[model]\nk = 2 ; another\nseed = 2\n[stop]\nmax-iterations = 2\n"
               "tolerance = 0.2\n[files]\ninput = V.h5:/X\n");
    setenv("PARTWISE_SEED", "3", 1);
    setenv("PARTWISE_MAX_ITERATIONS", "3", 1);
    setenv("PARTWISE_OUTPUT", "", 1);
    parses("fit --config test_options.ini --max-iterations 4");
    assert_string_equal(options.input, "V.h5:/X");
    assert_int_equal(options.k, 2);
    assert_int_equal(options.seed, 3);
    assert_int_equal(options.max_iterations, 4);
    assert_true(options.tolerance == 0.2 && options.stall == 1e-6);
    assert_string_equal(options.output, "model.h5");
    setenv("PARTWISE_CONFIG", FILE_NAME, 1);
    parses("fit W");
    assert_string_equal(options.input, "W");
    assert_int_equal(options.k, 2);
}

static void words_without_a_name(void **state)
{
    (void)state;
    parses("convert a b");
    assert_string_equal(options.input, "a");
    assert_string_equal(options.output, "b");
    parses("convert -o b a");
    assert_string_equal(options.input, "a");
    parses("convert --input a b");
    assert_string_equal(options.output, "b");
    parses("generate sparse -o a");
    assert_int_equal(options.kind, PW_KIND_SPARSE);
    refuses("fit -k 2", "fit: input is missing. Usage: partwise fit V -k K");
    refuses("fit V", "fit: k is missing");
    refuses("info", "info: input is missing");
    refuses("convert a", "convert: output is missing");
    refuses("generate -o a", "generate: kind is missing");
    refuses("generate swimmer", "generate: output is missing");
    refuses("fit V W -k 2", "'W' is one argument too many");
    refuses("convert a b -o c", "'b' is one argument too many");
    refuses("generate swimer -o a", "'swimer' is not one of swimmer, lowrank, sparse, mixture, ");
}

static void values_out_of_range(void **state)
{
    (void)state;
    refuses("fit V -k 0", "--k: '0' is below 1.");
    refuses("fit V -k -3", "--k: '-3' is below 1.");
    refuses("fit V --k abc", "--k: 'abc' is no whole number.");
    refuses("fit V -k 2.5", "is no whole number");
    refuses("fit V -k 0x10", "is no whole number");
    refuses("fit V -k=5", "is no whole number");
    refuses("fit V -k 1e30", "is too large");
    refuses("fit V -k 9999999", "is above 32768");
    refuses("fit V -k 99999999999999999999", "is too large");
    refuses("fit V -k 2 --seed -1", "--seed: '-1' is below 0");
    refuses("fit V -k 2 --tolerance nan", "'nan' is no number");
    refuses("fit V -k 2 --tolerance inf", "'inf' is no number");
    refuses("fit V -k 2 --max-seconds 1e999", "is too large");
    refuses("fit V -k 2 --tolerance 1e-", "is no number");
    refuses("fit V -k 2 --stall 2", "--stall: '2' is above 1.");
    refuses("fit V -k 2 --method als", "'als' is not one of auto, hals");
    refuses("fit V -k 2 --quiet=maybe", "is neither yes nor no");
    refuses("fit V -k 2 --output=", "--output: the value is empty");
    refuses("fit V -k", "--k: the value is missing");
    refuses("fit V -k --seed 1", "--k: the value is missing");
}

static void takes_memory(const char *size, int64_t bytes)
{
    char line[64];
    snprintf(line, sizeof line, "fit V -k 2 --memory %s", size);
    parses(line);
    if (options.memory != bytes)
        fail_msg("%s: is %lld", size, (long long)options.memory);
}

/* Powers of 1024, as Slurm's --mem has them. */
static void sizes(void **state)
{
    (void)state;
    takes_memory("0", 0);
    takes_memory("8000000001", 8000000001);
    takes_memory("8e9", 8000000000);
    takes_memory("3K", 3072);
    takes_memory("500M", 524288000);
    takes_memory("8G", INT64_C(8) << 30);
    takes_memory("8g", INT64_C(8) << 30);
    takes_memory("8GiB", INT64_C(8) << 30);
    takes_memory("1.5T", INT64_C(3) << 39);
    takes_memory("1.5e2KiB", 153600);
    takes_memory("0.3K", 308); /* rounded up */
    write_file("[model]\nk = 2\n[run]\nmemory = 4 GiB\n");
    parses("fit V --config test_options.ini");
    assert_true(options.memory == INT64_C(4) << 30);
    refuses("fit V -k 2 --memory=8X",
            "--memory: '8X' is no size such as 8000000000, 500M, 8G or 1.5T.");
    static const char *const NONSENSE[] = {"G",    "8GB",  "8Gi",    "8KM",  "1.5eG", "--G",
                                           "infG", "0x8G", "1.5.2G", "8G8G", "eight"};
    for (size_t i = 0; i < sizeof NONSENSE / sizeof *NONSENSE; i++) {
        char line[64];
        snprintf(line, sizeof line, "fit V -k 2 --memory=%s", NONSENSE[i]);
        refuses(line, "is no size");
    }
    refuses("scan V -k 2:3 --memory=-1G", "--memory: '-1G' is below 0.");
    refuses("fit V -k 2 --memory 1e30G", "--memory: '1e30G' is above 1e+18.");
    refuses("fit V -k 2 --memory 1e999T", "is above 1e+18.");
    refuses("fit V -k 2 --memory 1.5", "is no whole number");
    refuses("fit V -k 2 --seed 8G", "is no whole number"); /* no size */
}

static void unknown_names(void **state)
{
    pw_command command;
    (void)state;
    refuses("fit V -k 2 --tolerence 1", "--tolerence: no such option; did you mean --tolerance?");
    refuses("fit V -k 2 --max_iterations=1", "did you mean --max-iterations?");
    refuses("fit V -k 2 --iter 1", "-iterations?");
    refuses("fit V -k 2 --zzzzzz 1", "--zzzzzz: no such option. `partwise help fit`");
    refuses("fit V -k 2 -z", "-z: no such option");
    refuses("fit V -k 2 -vq", "-vq: no such option");
    assert_int_equal(pw_command_named("ft", &command), PW_ERROR_USAGE);
    assert_string_equal(pw_failure(), "no command 'ft'; did you mean 'fit'?");
}

static void unused_options(void **state)
{
    (void)state;
    refuses(
        "convert a b --seed 1",
        "does not use this option; it belongs to fit, scan, svd, transform, generate and cluster.");
    refuses("convert a b -k 1", "-k: `partwise convert` does not use this option");
    refuses("fit V -k 2 --density 1", "it belongs to generate.");
    refuses("generate swimmer -o a --rows 5",
            "it belongs to lowrank, sparse, mixture, biclusters, sbm and hyperspectral.");
    refuses("generate lowrank -o a --density 0.5", "it belongs to sparse and sbm.");
    refuses("generate sparse -o a --mixing 0.5", "it belongs to sbm.");
    refuses("generate hyperspectral -o a --noise 0", "it belongs to swimmer, lowrank, sparse,");
    refuses("generate sbm -o a -k 1 --mixing 0", "no edge leaves a single block");
    parses("generate sbm -o a -k 1 --rows 77");
    assert_int_equal(options.columns, 77);
    parses("generate hyperspectral -o a --snr 12.5");
    refuses("fit V -k 2 --method mu --inner-iterations 3", "it belongs to hals");
    refuses("fit V -k 2 --method bpp --inner-iterations 3", "it belongs to hals");
    refuses("fit V -k 2 --loss kl --method bpp", "does not serve this --loss; take mu");
    parses("fit V -k 2 --method mu --inner-iterations 1");
    refuses("fit V -k 2 --loss kl --method hals", "does not serve this --loss; take");
    refuses("fit V -k 2 --loss kl --beta 1.5", "only --loss beta has one");
    refuses("fit V -k 2 --floor 1e-3", "take zeros as they are");
    parses("fit V -k 2 --loss beta --beta 1.5");
    assert_int_equal(options.method, PW_METHOD_mu);
    parses("fit V -k 2 --loss is --floor 1e-3");
}

static void options_that_clash(void **state)
{
    (void)state;
    refuses("fit V -k 2 --checkpoint-every 5", "there is no --checkpoint");
    refuses("fit V -k 2 --patience 5", "no held-out error");
    refuses("fit V -k 2 -q -v", "exclude each other");
    refuses("fit V -k 2 --normalise-side h", "there is no --normalise");
    refuses("fit V -k 2 --fix-h a -o a", "holds the given components");
    refuses("transform M V -o M", "is the model");
    refuses("transform M V -o a --loss kl", "it belongs to fit, scan, plan and cluster.");
    refuses("scan V -k 2:3 --consensus none --raw-argmax", "there is no --consensus");
    refuses("transform M V", "output is missing");
    refuses("convert a a", "is the input");
    refuses("match m.h5 r.csv -o r.csv", "'r.csv' is one of the inputs");
    refuses("match m.h5 r.h5:/S -o r.h5", "'r.h5' is one of the inputs");
    refuses("match m.h5 r.csv -o m.h5", "'m.h5' is the model");
    parses("match m.h5 r.csv -o o.csv --of h");
    refuses("fit a.h5:/X -k 2 -o a.h5", "'a.h5' is the input");
    refuses("fit a -k 2 --checkpoint model.h5", "is the output");
    parses("fit a.h5 -k 2 -o a");
}

/* Starts and the method that only V decides about. */
static void starts(void **state)
{
    (void)state;
    parses("fit V -k 2 --init spa --method mu --loss kl --anchors columns --anchors-scaled");
    parses("fit V -k 2 --init random --restarts 5");
    parses("scan V -k 2:3 --init spa --restarts 1");
    parses("scan V -k 2:3 --init spa --perturb poisson");
    refuses("fit V -k 2 --init spa --restarts 2", "Give --restarts 1, or --init random.");
    refuses("scan V -k 2:3 --init spa", "Give --restarts 1, or --perturb, or --init random.");
    refuses("fit V -k 2 --init spa --missing zero", "leave --init out");
    refuses("fit V -k 2 --init spa --missing nan --method mu", "leave --init out");
    refuses("fit V -k 2 --init spa --mask M", "leave --init out");
    refuses("fit V -k 2 --init spa --holdout 0.1", "leave --init out");
    refuses("fit V -k 2 --init spa --symmetric", "leave --init out");
    refuses("fit V -k 2 --init spa --fix-w a", "leave --init out");
    refuses("fit V -k 2 --init spa --fix-h a", "leave --init out");
    refuses("fit V -k 2 --init spa --init-file a", "--init and --init-file exclude");
    refuses("fit V -k 2 --init random --init-file a", "--init and --init-file exclude");
    refuses("fit V -k 2 --init nndsdv", "--init: 'nndsdv' is not one of random");
    refuses("fit V -k 2 --anchors columns", "--anchors: belongs to --method spa");
    refuses("fit V -k 2 --anchors-scaled", "--anchors-scaled: belongs to --method spa");
}

static void selections(void **state)
{
    (void)state;
    parses("fit V -k 2 --method spa --anchors columns --l1-h 1 --max-iterations 9");
    parses("fit V -k 2 --method spa --l2-w 1 --normalise l1");
    parses("scan V -k 2:3 --method spa --perturb uniform:0.1");
    refuses("fit V -k 2 --method spa --loss kl", "spa does not serve this --loss");
    refuses("fit V -k 2 --method spa --missing zero",
            "spa does not serve this --loss with missing");
    refuses("fit V -k 2 --method spa --symmetric", "--symmetric: method spa");
    refuses("fit V -k 2 --method spa --orthogonal h", "method spa cannot");
    refuses("fit V -k 2 --method spa --extrapolate yes", "--extrapolate: method spa");
    refuses("fit V -k 2 --method spa --inner-iterations 3", "--inner-iterations: method spa");
    refuses("fit V -k 2 --method spa --bias", "--bias: method spa");
    refuses("fit V -k 2 --method spa --l1-h 1", "H is made of rows of V");
    refuses("fit V -k 2 --method spa --anchors columns --l2-w 1", "W is made of columns of V");
    refuses("fit V -k 2 --method spa --normalise l1 --normalise-side h", "--normalise-side w");
    refuses("fit V -k 2 --method spa --normalise l1 --anchors columns", "--normalise-side h");
    refuses("fit V -k 2 --method spa --fix-h a", "take bpp");
    refuses("fit V -k 2 --method spa --fix-w a", "take bpp");
    refuses("fit V -k 2 --method spa --init-file a", "method spa does not use them");
    refuses("fit V -k 2 --method spa --init spa", "method spa does not use them");
    refuses("fit V -k 2 --method spa --restarts 2", "Give --restarts 1.");
    refuses("scan V -k 2:3 --method spa", "Give --restarts 1, or --perturb.");
    refuses("fit V -k 2 --method spa --checkpoint a", "--checkpoint: method spa");
}

static void clusterings(void **state)
{
    (void)state;
    parses("cluster V -k 3");
    assert_int_equal(options.max_iterations, 300);
    assert_int_equal(options.restarts, 10);
    assert_true(options.tolerance == 1e-4);
    assert_int_equal(options.distribute, PW_DISTRIBUTE_ROWS);
    parses("cluster V -k 3 --method nmf --loss kl");
    assert_int_equal(options.max_iterations, 1000);
    assert_int_equal(options.method, PW_METHOD_newton);
    assert_true(options.tolerance == 1e-5 && !options.symmetric);
    parses("cluster V -k 3 --method symnmf --tolerance 0 --max-iterations 7");
    assert_true(options.tolerance == 0 && options.symmetric && options.max_iterations == 7);
    parses("cluster V -k 3 --method kernel-kmeans --affinity normalised --shift 1");
    assert_true(options.tolerance == 0 && options.symmetric);
    parses("cluster V -k 3 --init-file c.h5");
    assert_int_equal(options.restarts, 1);
    parses("cluster --model m.h5 --method nmf");
    refuses("cluster V", "k is missing");
    refuses("cluster -k 3", "input is missing. Name V, or a --model");
    refuses("cluster V -k 3 --loss kl",
            "--loss: method kmeans does not use it; it belongs to nmf.");
    refuses("cluster V -k 3 --method nmf --affinity normalised",
            "it belongs to symnmf or kernel-kmeans.");
    refuses("cluster V -k 3 --method kernel-kmeans --tolerance 0.1",
            "it belongs to kmeans, nmf, symnmf, spectral or bicluster.");
    refuses("cluster V -k 3 --shift 1", "it belongs to kernel-kmeans.");
    refuses("cluster V -k 3 --method nmf --nmf-method newton",
            "--nmf-method: newton does not serve this --loss");
    refuses("cluster V -k 3 --init-file c.h5 --restarts 5", "give one of them");
    refuses("cluster V --model m.h5 --method nmf", "either V or --model");
    refuses("cluster --model m.h5", "--model: method kmeans does not use it");
    refuses("cluster --model m.h5 --method nmf -k 3", "--k: the --model is fitted already");
    refuses("cluster V -k 3 --truth a.h5:/x -o a.h5", "is one of the inputs");
}

static void environment(void **state)
{
    (void)state;
    setenv("PARTWISE_FAULT", "read:0:1", 1);
    setenv("PARTWISE_ROOT", "/opt/partwise", 1);
    setenv("PARTWISE_DENSITY", "0.5", 1);
    parses("fit V -k 2");
    setenv("PARTWISE_TOLERANCE", "x", 1);
    refuses("fit V -k 2", "PARTWISE_TOLERANCE: 'x' is no number.");
    refuses("fit V -k 2 --tolerance 0", "PARTWISE_TOLERANCE: 'x' is no number.");
    unsetenv("PARTWISE_TOLERANCE");
    setenv("PARTWISE_MAX_ITERATION", "5", 1);
    refuses("fit V -k 2", "PARTWISE_MAX_ITERATION: no such option; did you mean "
                          "PARTWISE_MAX_ITERATIONS?");
}

static void refuses_file(const char *text, const char *message)
{
    write_file(text);
    refuses("fit V --config test_options.ini", message);
}

static void files(void **state)
{
    char text[512] = "[model]\nk = ";
    (void)state;
    refuses_file("[model]\nk = 2\n[modle]\nseed = 3\n",
                 "test_options.ini:4: seed: no such section [modle]; did you mean [model]?");
    refuses_file("[model]\nkk = 2\n", "test_options.ini:2: kk: no such option");
    refuses_file("[model]\nsede = 2\n", "did you mean seed?");
    refuses_file("[stop]\n\nk = 2\n", "test_options.ini:3: k: belongs to section [model].");
    refuses_file("k = 2\n", "test_options.ini:1: k: belongs to section [model].");
    refuses_file("[generate]\nnoise = 2\n", "it belongs to generate.");
    refuses_file("[model]\nk = 0\n", "test_options.ini:2: k: '0' is below 1.");
    refuses_file("[model]\nk = 1\nk = 2\n", "test_options.ini:3: k: given twice.");
    refuses_file("[model]\nk = 1\n  seed = 2\n", "test_options.ini:3: k: given twice.");
    refuses_file("[model]\nk = 1\nseed\n", "test_options.ini:3: is neither [section] nor");
    refuses_file("[files]\nconfig = a\n", "cannot name another one");
    memset(text + strlen(text), '1', 300);
    refuses_file(text, "test_options.ini:2: the line is longer");
    assert_int_equal(parse("fit V -k 2 --config missing.ini"), PW_ERROR_INPUT);
    assert_int_equal(parse("fit V -k 2 --config /"), PW_ERROR_INPUT);
    write_file("\xef\xbb\xbf[model]\r\nk = 4\r\n[run]\r\nverbose = yes");
    parses("fit V --config test_options.ini");
    assert_int_equal(options.k, 4);
    assert_true(options.verbose);
}

typedef struct record {
    int count, identities;
    char text[2048];
} record;

static pw_code note(void *context, const char *name, const char *value, bool identity)
{
    record *r = context;
    const size_t length = strlen(r->text);
    snprintf(r->text + length, sizeof r->text - length, "%s=%s\n", name, value);
    r->count++;
    r->identities += identity;
    return PW_OK;
}

static pw_code stop_at_once(void *context, const char *name, const char *value, bool identity)
{
    (void)name, (void)value, (void)identity;
    ++*(int *)context;
    return PW_ERROR_OUTPUT;
}

static void the_record(void **state)
{
    record r = {0};
    int calls = 0;
    (void)state;
    parses("fit V -k 3 --tolerance 0.1 --seed 12345678901 --method mu --memory 2M");
    assert_int_equal(pw_options_visit(&options, note, &r), PW_OK);
    assert_non_null(strstr(r.text, "input=V\n"));
    assert_non_null(strstr(r.text, "\nmethod=mu\n"));
    assert_non_null(strstr(r.text, "\nseed=12345678901\n"));
    assert_non_null(strstr(r.text, "\ntolerance=0.1\n"));
    assert_non_null(strstr(r.text, "\ncheckpoint=\n"));
    assert_non_null(strstr(r.text, "\nmemory=2097152\n"));
    assert_non_null(strstr(r.text, "\nquiet=no\n"));
    assert_null(strstr(r.text, "density"));
    int identities = 0;
    for (const pw_option *option = PW_OPTIONS; option->name; option++)
        identities += (option->commands & PW_COMMAND_FIT) && option->identity;
    assert_true(identities > 0);
    assert_int_equal(r.identities, identities);
    assert_int_equal(pw_options_visit(&options, stop_at_once, &calls), PW_ERROR_OUTPUT);
    assert_int_equal(calls, 1);
}

static char *remembered(void *context, const char *name)
{
    const char *(*pairs)[2] = context;
    for (; (*pairs)[0]; pairs++)
        if (strcmp((*pairs)[0], name) == 0)
            return strcpy(malloc(strlen((*pairs)[1]) + 1), (*pairs)[1]);
    return NULL;
}

static void adopted_and_inherited(void **state)
{
    const char *good[][2] = {
        {"loss", "kl"}, {"method", "mu"}, {"l1-w", "0.5"}, {"k", "9"}, {NULL, NULL}};
    const char *bad[][2] = {{"loss", "none"}, {NULL, NULL}};
    pw_options fit;
    (void)state;
    parses("transform M V -o a --seed 5 --tolerance 0.25");
    assert_int_equal(pw_options_adopt(&options, PW_COMMAND_FIT, &fit), PW_OK);
    assert_int_equal(fit.seed, 5);
    assert_true(fit.tolerance == 0.25 && fit.stall == 1e-10 && fit.k == 0 && !fit.model);
    assert_string_equal(fit.input, "V");
    assert_string_equal(fit.command_line, options.command_line);
    assert_int_equal(pw_options_inherit(&fit, "M", remembered, good), PW_OK);
    assert_true(fit.loss == PW_LOSS_KL && fit.method == PW_METHOD_mu && fit.l1_w == 0.5);
    assert_int_equal(fit.k, 0); /* not inherited */
    assert_int_equal(pw_options_inherit(&fit, "M", remembered, bad), PW_ERROR_INPUT);
    assert_non_null(strstr(pw_failure(), "M: was made with loss = 'none'"));
    pw_options_destroy(&fit);
}

static void fingerprints(void **state)
{
    (void)state;
    parses("fit V -k 3");
    const uint64_t one = pw_options_fingerprint(&options);
    parses("fit V --k=3 --seed 0");
    assert_true(pw_options_fingerprint(&options) == one);
    parses("fit V -k 3 --seed 1");
    assert_false(pw_options_fingerprint(&options) == one);
}

static void distances(void **state)
{
    (void)state;
    assert_int_equal(pw_edit_distance("", ""), 0);
    assert_int_equal(pw_edit_distance("abc", ""), 3);
    assert_int_equal(pw_edit_distance("", "ab"), 2);
    assert_int_equal(pw_edit_distance("seed", "sede"), 1);
    assert_int_equal(pw_edit_distance("kitten", "sitting"), 3);
    pw_nearest nearest = {.word = "roes"};
    pw_nearest_offer(&nearest, "columns");
    assert_null(nearest.name);
    pw_nearest_offer(&nearest, "noise");
    pw_nearest_offer(&nearest, "rows");
    assert_string_equal(nearest.name, "rows");
}

/* Each row of the table is whole, and no command is given a name or a letter twice. */
static void the_table(void **state)
{
    (void)state;
    for (const pw_option *option = PW_OPTIONS; option->name; option++) {
        const pw_option_section *section = PW_OPTION_SECTIONS;
        while (section->name && strcmp(section->name, option->section) != 0)
            section++;
        assert_non_null(section->name);
        assert_true(option->commands != 0 && (option->required & ~option->commands) == 0);
        assert_true(option->type == PW_OPTION_FLAG || option->value_name);
        assert_true(strlen(option->name) < 20 && strlen(option->help) < 3000);
        for (const pw_option *other = PW_OPTIONS; other < option; other++)
            if (other->commands & option->commands) {
                assert_string_not_equal(other->name, option->name);
                assert_false(option->letter && other->letter == option->letter);
            }
    }
}

static size_t printed(char *text, size_t size, pw_command command)
{
    FILE *stream = tmpfile();
    assert_non_null(stream);
    const pw_code code =
        command ? pw_options_print_help(command, stream) : pw_options_print_man(stream);
    assert_int_equal(code, PW_OK);
    rewind(stream);
    const size_t length = fread(text, 1, size - 1, stream);
    text[length] = '\0';
    fclose(stream);
    return length;
}

static void help_and_man_page(void **state)
{
    static char text[65536];
    (void)state;
    for (const pw_command_info *info = PW_COMMANDS; info->name; info++) {
        assert_true(printed(text, sizeof text, info->command) > 0);
        for (const pw_option *option = PW_OPTIONS; option->name; option++)
            if (option->commands & info->command)
                assert_non_null(strstr(text, option->name));
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
            assert_true(strlen(line) <= 100);
    }
    printed(text, sizeof text, 0);
    assert_non_null(strstr(text, ".SH OPTIONS\n"));
    assert_non_null(strstr(text, "\\fB\\-\\-max\\-iterations\\fR"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(defaults, clean),
        cmocka_unit_test_teardown(ways_to_write, clean),
        cmocka_unit_test_teardown(stronger_source_wins, clean),
        cmocka_unit_test_teardown(words_without_a_name, clean),
        cmocka_unit_test_teardown(values_out_of_range, clean),
        cmocka_unit_test_teardown(sizes, clean),
        cmocka_unit_test_teardown(unknown_names, clean),
        cmocka_unit_test_teardown(unused_options, clean),
        cmocka_unit_test_teardown(options_that_clash, clean),
        cmocka_unit_test_teardown(starts, clean),
        cmocka_unit_test_teardown(selections, clean),
        cmocka_unit_test_teardown(clusterings, clean),
        cmocka_unit_test_teardown(environment, clean),
        cmocka_unit_test_teardown(files, clean),
        cmocka_unit_test_teardown(the_record, clean),
        cmocka_unit_test_teardown(adopted_and_inherited, clean),
        cmocka_unit_test_teardown(fingerprints, clean),
        cmocka_unit_test_teardown(distances, clean),
        cmocka_unit_test_teardown(the_table, clean),
        cmocka_unit_test_teardown(help_and_man_page, clean),
    };
    return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
