#ifndef KBLD_PROCESS_START_H
#define KBLD_PROCESS_START_H

/// How many arguments the process was started with, its own name included.
int process_argument_count(void);

/// The argument at `position`, as the kernel passed it: any bytes but zero.
const char *_Nonnull process_argument(int position);

#endif
