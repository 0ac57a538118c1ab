// How the C library keeps memory. glibc gives a block of some hundred kilobytes back to the kernel as soon as it is free, and
// the next activation of that size gets pages that the kernel has to clear anew. Kept, a training step takes 4 to 6 % less
// time (docs/performance.md). Blocks of 32 MiB and more (glibc's highest limit) still go back: they are few, and kept they
// would leave holes that nothing else fits into.
#include "environment.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

void keepFreedMemory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, -1);  // never give back
  mallopt(M_TOP_PAD, 64 << 20);   // and ask for more in large pieces
#endif
}
