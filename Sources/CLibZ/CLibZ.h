// zlib's compression and decompression.
#include <zlib.h>
