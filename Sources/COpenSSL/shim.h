// Debian: libssl-dev. The SHA-256 of libcrypto with a context on the stack: since OpenSSL 3 its one
// marks these calls as deprecated in favour of EVP, which allocates for each hash.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
