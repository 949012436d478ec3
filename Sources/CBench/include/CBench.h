// The limit that reading is measured against: the least that any program must do.
#ifndef DAYBOOK_CBENCH_H
#define DAYBOOK_CBENCH_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    int64_t records;
    int64_t bytes;
} daybook_bench_sum;

// Reads one sealed segment in pieces of 1 MiB, checks the CRC-32C of each frame against those
// given, decompresses it with LZ4_decompress_safe, and walks over its records. Returns 0, or -1
// where the file is not what it should be. `crcs` has one value for each frame, in order.
int daybook_bench_read(
    const char *path, const uint32_t *crcs, size_t crc_count, daybook_bench_sum *sum);

// Hashes `count` messages of `size` bytes with one SHA-256 context that is used again.
void daybook_bench_sha256(size_t count, size_t size, unsigned char *out);

// Gives the free pages of the C library's heap back to the system: malloc_trim(3), which the Glibc
// module of Swift does not show.
void daybook_bench_trim(void);

#endif
