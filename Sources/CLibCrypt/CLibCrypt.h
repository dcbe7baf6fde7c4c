// libxcrypt's password hashes.
#include <crypt.h>
