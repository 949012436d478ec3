// LZ4 1.9 (Debian: liblz4-dev). The block interface, the slower compressor that looks at
// every position, and the frame format.
#include <lz4.h>
#include <lz4frame.h>
#include <lz4hc.h>
