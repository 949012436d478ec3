#include "CBench.h"

#include <CChecksum.h>
#define OPENSSL_SUPPRESS_DEPRECATED
#include <fcntl.h>
#include <lz4.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 20, CONTENT = 1 << 18, HEADER = 15 };

static uint32_t load32(const unsigned char *p) {
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

// Adds the records of one frame to the sum; -1 where they do not fill it.
static int walk(const unsigned char *p, size_t count, daybook_bench_sum *sum) {
    size_t at = 0;
    while (at < count) {
        uint64_t length = p[at] & 127;
        for (int shift = 7; p[at++] & 128; shift += 7) {
            if (at >= count || shift > 63) return -1;
            length |= (uint64_t)(p[at] & 127) << shift;
        }
        if (length > count - at) return -1;
        at += length;
        sum->records += 1;
        sum->bytes += (int64_t)length;
    }
    return 0;
}

// One frame at the start of `p`: its size, 0 where more bytes are needed, -1 where it is bad.
static ssize_t frame(
    const unsigned char *p, size_t count, const uint32_t **crc, const uint32_t *end,
    unsigned char *content, daybook_bench_sum *sum) {
    if (count < 8) return 0;
    uint32_t magic = load32(p);
    if ((magic & 0xFFFFFFF0u) == 0x184D2A50u) {
        size_t size = 8 + (size_t)load32(p + 4);
        return count < size ? 0 : (ssize_t)size;
    }
    if (magic != 0x184D2204u) return -1;
    if (count < HEADER + 4) return 0;
    uint32_t block = load32(p + HEADER);
    size_t stored = block & 0x7FFFFFFFu;
    size_t size = HEADER + 4 + stored + 8;
    if (stored > CONTENT) return -1;
    if (count < size) return 0;
    if (*crc == end || daybook_crc32c(0, p, size) != *(*crc)++) return -1;
    const unsigned char *data = p + HEADER + 4;
    if (block >> 31) return walk(data, stored, sum) ? -1 : (ssize_t)size;
    int made = LZ4_decompress_safe((const char *)data, (char *)content, (int)stored, CONTENT);
    if (made < 0 || walk(content, (size_t)made, sum)) return -1;
    return (ssize_t)size;
}

int daybook_bench_read(
    const char *path, const uint32_t *crcs, size_t crc_count, daybook_bench_sum *sum) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    unsigned char *buffer = malloc(2 * PIECE), *content = malloc(CONTENT);
    const uint32_t *crc = crcs, *end = crcs + crc_count;
    size_t held = 0;
    int answer = fd < 0 || !buffer || !content ? -1 : 0;
    while (!answer) {
        ssize_t got = read(fd, buffer + held, 2 * PIECE - held);
        if (got < 0) answer = -1;
        if (got <= 0) break;
        held += (size_t)got;
        size_t at = 0;
        ssize_t size = 0;
        while ((size = frame(buffer + at, held - at, &crc, end, content, sum)) > 0)
            at += (size_t)size;
        if (size < 0 || (at == 0 && held == 2 * PIECE)) answer = -1;
        memmove(buffer, buffer + at, held - at);
        held -= at;
    }
    if (held || crc != end) answer = -1;
    free(buffer);
    free(content);
    if (fd >= 0) close(fd);
    return answer;
}

void daybook_bench_sha256(size_t count, size_t size, unsigned char *out) {
    unsigned char message[4096];
    if (size > sizeof message) size = sizeof message;
    memset(message, 'x', sizeof message);
    SHA256_CTX context;
    for (size_t i = 0; i < count; i++) {
        memcpy(message, &i, sizeof i < size ? sizeof i : size);
        SHA256_Init(&context);
        SHA256_Update(&context, message, size);
        SHA256_Final(out, &context);
    }
}
