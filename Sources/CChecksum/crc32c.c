#include "CChecksum.h"

#include <pthread.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#if defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif
#endif

typedef uint32_t (*crc_function)(uint32_t, const unsigned char *, size_t);

// Slicing by eight (Kounavis and Berry, 2005): eight tables, eight bytes a step.
static uint32_t table[8][256];
static crc_function chosen;
static int hardware;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// The stream is little-endian whatever the machine is; a plain load on x86 and ARM.
static uint64_t load64(const unsigned char *p) {
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) value = value << 8 | p[i];
    return value;
}

static uint32_t by_table(uint32_t crc, const unsigned char *p, size_t count) {
    while (count >= 8) {
        uint64_t v = load64(p) ^ crc;
        crc = table[7][v & 255] ^ table[6][v >> 8 & 255] ^ table[5][v >> 16 & 255]
            ^ table[4][v >> 24 & 255] ^ table[3][v >> 32 & 255] ^ table[2][v >> 40 & 255]
            ^ table[1][v >> 48 & 255] ^ table[0][v >> 56];
        p += 8;
        count -= 8;
    }
    while (count--) crc = crc >> 8 ^ table[0][(crc ^ *p++) & 255];
    return crc;
}

// The instruction has a latency of three cycles and a throughput of one, so three
// independent lanes run side by side; advancing a lane over LANE zero bytes joins them.
#define LANE 1024
static uint32_t skip[4][256];

static uint32_t skip_lane(uint32_t crc) {
    return skip[0][crc & 255] ^ skip[1][crc >> 8 & 255] ^ skip[2][crc >> 16 & 255]
        ^ skip[3][crc >> 24];
}

#if defined(__x86_64__)
#define STEP64(crc, v) ((uint32_t)_mm_crc32_u64((crc), (v)))
#define STEP8(crc, v) _mm_crc32_u8((crc), (v))
#define TARGET __attribute__((target("sse4.2")))
#define HAS_INSTRUCTION 1
#elif defined(__aarch64__)
#define STEP64(crc, v) __crc32cd((crc), (v))
#define STEP8(crc, v) __crc32cb((crc), (v))
#define TARGET __attribute__((target("crc")))
#define HAS_INSTRUCTION 1
#endif

#ifdef HAS_INSTRUCTION
TARGET static uint64_t load64_fast(const unsigned char *p) {
    uint64_t value;
    memcpy(&value, p, 8);
    return value;
}

TARGET static uint32_t by_instruction(uint32_t crc, const unsigned char *p, size_t count) {
    while (count >= 3 * LANE) {
        uint32_t a = crc, b = 0, c = 0;
        for (size_t i = 0; i < LANE; i += 8) {
            a = STEP64(a, load64_fast(p + i));
            b = STEP64(b, load64_fast(p + LANE + i));
            c = STEP64(c, load64_fast(p + 2 * LANE + i));
        }
        crc = skip_lane(skip_lane(a) ^ b) ^ c;
        p += 3 * LANE;
        count -= 3 * LANE;
    }
    for (; count >= 8; p += 8, count -= 8) crc = STEP64(crc, load64_fast(p));
    for (; count; p++, count--) crc = STEP8(crc, *p);
    return crc;
}
#endif

static int processor_has_instruction(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("sse4.2") != 0;
#elif defined(__aarch64__) && defined(__linux__)
    return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
#elif defined(__aarch64__)
    return 1;
#else
    return 0;
#endif
}

static void prepare(void) {
    for (uint32_t n = 0; n < 256; n++) {
        uint32_t crc = n;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
        table[0][n] = crc;
    }
    for (int k = 1; k < 8; k++)
        for (int n = 0; n < 256; n++)
            table[k][n] = table[k - 1][n] >> 8 ^ table[0][table[k - 1][n] & 255];
    for (int k = 0; k < 4; k++)
        for (uint32_t n = 0; n < 256; n++) {
            static const unsigned char zeros[LANE];
            skip[k][n] = by_table(n << (8 * k), zeros, LANE);
        }
    chosen = by_table;
#ifdef HAS_INSTRUCTION
    if (processor_has_instruction()) {
        chosen = by_instruction;
        hardware = 1;
    }
#else
    (void)processor_has_instruction;
#endif
}

uint32_t daybook_crc32c(uint32_t seed, const void *bytes, size_t count) {
    pthread_once(&once, prepare);
    return ~chosen(~seed, bytes, count);
}

uint32_t daybook_crc32c_table(uint32_t seed, const void *bytes, size_t count) {
    pthread_once(&once, prepare);
    return ~by_table(~seed, bytes, count);
}

int daybook_crc32c_is_hardware(void) {
    pthread_once(&once, prepare);
    return hardware;
}
