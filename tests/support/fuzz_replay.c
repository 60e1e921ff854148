/*
 * Runs a fuzz target without libFuzzer, as a unit test: its checked-in corpus, then mutations of it.
 *
 * The mutations follow a fixed seed, so a failure comes back on every run. Each input is an allocation of its exact
 * size, so that AddressSanitizer sees a read past its end; before a crash its bytes go to stderr, for the corpus.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "support/fuzz.h"

#define MAX_FILES       4096u
#define MAX_INPUT_BYTES (1u << 20)
#define MAX_GROWTH      64u /* bytes that mutations may add to an input */
#define N_MUTATIONS     5000u

struct input {
    uint8_t *ptr;
    size_t len;
};

/* What is being tried now: for the signal handler, which has nobody else to ask. */
static struct input current;

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t below(uint64_t *state, size_t limit)
{
    return limit == 0 ? 0 : (size_t)(next_random(state) % limit);
}

/* Only calls that are safe in a signal handler. */
static void on_abort(int signal_number)
{
    static const char digits[] = "0123456789abcdef";

    (void)!write(STDERR_FILENO, "input in hex: ", 14);
    for (size_t i = 0; i < current.len; i++) {
        char pair[2] = { digits[current.ptr[i] >> 4], digits[current.ptr[i] & 15] };
        (void)!write(STDERR_FILENO, pair, sizeof(pair));
    }
    (void)!write(STDERR_FILENO, "\n", 1);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void try_input(const uint8_t *ptr, size_t len)
{
    current.len = len;
    current.ptr = malloc(len == 0 ? 1 : len);
    CHECK(current.ptr != NULL);
    if (len > 0)
        memcpy(current.ptr, ptr, len);
    CHECK(fuzz_one(current.ptr, len) == 0);
    free(current.ptr);
    current = (struct input){ 0 };
}

/* One to eight small accidents, of the kinds that upset parsers. `bytes` has room for MAX_GROWTH more. */
static size_t mutate(uint64_t *state, uint8_t *bytes, size_t len, const struct input *other)
{
    static const uint8_t telling[] = {
        0, '\n', '\r', ' ', '\t', '"', '\\', ':', ',', '{', '[', 0x7f, 0x80, 0xc0, 0xff
    };
    size_t max_len = len + MAX_GROWTH;
    size_t at, n;

    for (size_t n_left = 1 + below(state, 8); n_left > 0; n_left--) {
        at = below(state, len);
        switch (below(state, 6)) {
        case 0: /* another bit */
            if (len > 0)
                bytes[at] = (uint8_t)(bytes[at] ^ (1u << below(state, 8)));
            break;
        case 1: /* a telling byte */
            if (len > 0)
                bytes[at] = telling[below(state, sizeof(telling))];
            break;
        case 2: /* the end is missing */
            len = at;
            break;
        case 3: /* a piece is missing */
            n = below(state, len - at);
            memmove(bytes + at, bytes + at + n, len - at - n);
            len -= n;
            break;
        case 4: /* a piece comes twice */
            n = below(state, len - at);
            if (len + n <= max_len) {
                memmove(bytes + at + n, bytes + at, len - at);
                len += n;
            }
            break;
        default: /* a piece of another input */
            n = below(state, len - at < other->len ? len - at : other->len);
            if (n > 0)
                memcpy(bytes + at, other->ptr + below(state, other->len - n), n);
            break;
        }
    }
    return len;
}

static struct input read_file(const char *folder, const char *name)
{
    char path[4096];
    int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
    CHECK(n > 0 && (size_t)n < sizeof(path));

    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    struct input input = { .ptr = malloc(MAX_INPUT_BYTES) };
    CHECK(input.ptr != NULL);
    input.len = fread(input.ptr, 1, MAX_INPUT_BYTES, file);
    fclose(file);
    return input;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Gives the corpus in the order of its names, whatever order the file system keeps them in. */
static size_t read_corpus(const char *folder, struct input *inputs)
{
    struct dirent **entries = NULL;
    int n_entries = scandir(folder, &entries, is_visible, by_name);
    CHECK(n_entries >= 0 && (unsigned)n_entries <= MAX_FILES);

    for (int i = 0; i < n_entries; i++) {
        inputs[i] = read_file(folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return (size_t)n_entries;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    struct input *inputs = calloc(MAX_FILES, sizeof(*inputs));
    uint8_t *scratch = malloc(MAX_INPUT_BYTES + MAX_GROWTH);
    CHECK(inputs != NULL && scratch != NULL);
    size_t n_inputs = read_corpus(argv[1], inputs);
    if (n_inputs == 0) {
        fprintf(stderr, "%s: the corpus is empty\n", argv[1]);
        return EXIT_FAILURE;
    }

    signal(SIGABRT, on_abort);
    signal(SIGSEGV, on_abort);
    try_input(NULL, 0);
    for (size_t i = 0; i < n_inputs; i++)
        try_input(inputs[i].ptr, inputs[i].len);

    uint64_t state = 0x9e3779b97f4a7c15;
    for (size_t i = 0; i < N_MUTATIONS; i++) {
        const struct input *parent = &inputs[below(&state, n_inputs)];
        memcpy(scratch, parent->ptr, parent->len);
        size_t len = mutate(&state, scratch, parent->len, &inputs[below(&state, n_inputs)]);
        try_input(scratch, len);
    }

    for (size_t i = 0; i < n_inputs; i++)
        free(inputs[i].ptr);
    free(inputs);
    free(scratch);
    printf("%zu inputs and %u mutations\n1 passed, 0 failed\n", n_inputs, N_MUTATIONS);
    return EXIT_SUCCESS;
}
