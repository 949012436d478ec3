#include "CBench.h"

#include <malloc.h>

void daybook_bench_trim(void) { malloc_trim(0); }
