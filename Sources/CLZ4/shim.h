// LZ4 1.9 (Debian: liblz4-dev). The block interface, and the slower compressor that
// looks at every position.
#include <lz4.h>
#include <lz4hc.h>
