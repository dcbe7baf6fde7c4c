// libsodium's authenticated encryption.
#include <sodium/core.h>
#include <sodium/crypto_secretbox.h>
