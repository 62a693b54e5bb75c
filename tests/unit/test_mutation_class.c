/* Notations of mutation classes: what is the same, and what is none. */
#include "select/mutation_class.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void is(const char *name, const char *class)
{
    char text[PW_MUTATION_CLASS_LENGTH];
    assert_int_equal(pw_mutation_class(name, (int64_t)strlen(name), text), strlen(class));
    assert_string_equal(text, class);
}

static void is_none(const char *name)
{
    char text[PW_MUTATION_CLASS_LENGTH];
    if (pw_mutation_class(name, (int64_t)strlen(name), text) != 0)
        fail_msg("'%s' was taken for %s", name, text);
}

static void notations(void **state)
{
    (void)state;
    is("A[C>A]A", "A[C>A]A");
    is("C>A ACA", "A[C>A]A");
    is("C>A,ACA", "A[C>A]A");
    is("C>A\tACA", "A[C>A]A");
    is("ACA C>A", "A[C>A]A");
    is(" C>A  ACA A[C>A]A ", "A[C>A]A");
    is("T>G GTT", "G[T>G]T");
}

static void longer_contexts(void **state)
{
    (void)state;
    is("AA[C>A]AG", "AA[C>A]AG");
    is("C>A AACAG", "AA[C>A]AG");
    is("C>A ACGTCGTAA", "ACGT[C>A]GTAA");
    is("ACGT[C>A]GTAA", "ACGT[C>A]GTAA");
    is_none("C>A ACGTACGTAAA");
    is_none("ACGTA[C>A]CGTAA");
    is_none("C>A AACA");
}

static void other_names(void **state)
{
    (void)state;
    is_none("");
    is_none("gene");
    is_none("C>A");
    is_none("ACA");
    is_none("C>A ATA");
    is_none("C>A C>G ACA");
    is_none("C>A ACA A[C>G]A");
    is_none("C>A ACA ACG");
    is_none("C>A ACA x");
    is_none("a[c>a]a");
    is_none("[C>A]");
    is_none("A[C>A]");
    is_none("A[C>A]AA");
    is_none("A[C-A]A");
    is_none("N[C>A]A");
    is_none("T:A[C>A]A");
    is_none("AC>CA");
    is_none("1:Del:C:0");
}

static void strands_are_two_classes(void **state)
{
    (void)state;
    is("T[G>T]T", "T[G>T]T");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notations),
        cmocka_unit_test(longer_contexts),
        cmocka_unit_test(other_names),
        cmocka_unit_test(strands_are_two_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
