// zlib's decompression.
#include <zlib.h>
