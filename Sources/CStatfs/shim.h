// statfs(2): the Glibc module of Swift leaves this header out, and statvfs does not name the
// type of a file system.
#include <sys/vfs.h>
