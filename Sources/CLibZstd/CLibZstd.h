// libzstd's compression and decompression.
#include <zstd.h>
#include <zstd_errors.h>
