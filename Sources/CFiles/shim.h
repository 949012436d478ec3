// renameat2(2) and syncfs(2): glibc declares them under _GNU_SOURCE alone, which the Glibc module
// of Swift is not made with.
int renameat2(int old_folder, const char *old_name, int new_folder, const char *new_name,
              unsigned int flags);
int syncfs(int descriptor);
