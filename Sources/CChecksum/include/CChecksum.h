// CRC-32C (Castagnoli): RFC 3720 section B.4, polynomial 0x1EDC6F41, reflected.
#ifndef DAYBOOK_CCHECKSUM_H
#define DAYBOOK_CCHECKSUM_H

#include <stddef.h>
#include <stdint.h>

// Continues the checksum `seed` (0 to begin) over `count` bytes, so that
// crc32c(crc32c(0, a), b) is the checksum of a followed by b.
// Uses the processor's own instruction where there is one.
uint32_t daybook_crc32c(uint32_t seed, const void *bytes, size_t count);

// The same by table only, on every machine; tests compare the two.
uint32_t daybook_crc32c_table(uint32_t seed, const void *bytes, size_t count);

// 1 where the processor's instruction is used.
int daybook_crc32c_is_hardware(void);

// Tells the processor that its caller looks at memory again and again, so that its twin runs.
static inline void daybook_relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

#endif
