#include "process_start.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#include <nss.h>
#endif

static int count = 0;
static char **arguments = 0;

#ifdef __GLIBC__
/// Names are looked up in files and by DNS, whatever /etc/nsswitch.conf says: a static program that is told of other
/// services loads their libraries, which belong to another version of the C library.
static void configure_name_services(void) {
    static const char *const databases[] = {"passwd", "group", "services", "protocols", "networks"};
    (void)__nss_configure_lookup("hosts", "files dns");
    for (size_t index = 0; index < sizeof databases / sizeof *databases; index++) {
        (void)__nss_configure_lookup(databases[index], "files");
    }
}
#endif

#ifdef __GLIBC__
/// Large pieces of memory go back to the system when they are freed. Left to itself, the C library raises the size from
/// which it does so with each of them that is freed, and keeps the holes of many manifests and bodies.
static void configure_memory(void) {
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
}
#endif

#ifdef __linux__
/// Ends the process where /proc isn't mounted: Swift's runtime looks there for its own path before `main` is called, and
/// for the number of its threads later, and aborts where it can't.
static void require_proc(void) {
    static const char text[] =
        "kbld: Error: /proc is not mounted here, and tasks can't run without it; mount it: mount -t proc proc /proc\n";
    if (access("/proc/self/stat", R_OK) == 0) return;
    (void)!write(2, text, sizeof text - 1);
    _exit(1);
}
#endif

/// Keeps the arguments. Swift reads them from /proc, which isn't mounted everywhere, and repairs what isn't UTF-8.
///
/// Descriptors 0 to 2 that were closed are opened on /dev/null: the next file or socket would take their numbers, and what
/// is meant for the log would go there. Standard output can't be written to then, so that nothing is lost without a word.
///
/// The lowest priority that programs may have runs first, before the constructors of Swift's runtime.
__attribute__((constructor(101))) static void process_start(int given_count, char **given_arguments) {
    count = given_count;
    arguments = given_arguments;
#ifdef __GLIBC__
    configure_memory();
    configure_name_services();
#endif
    for (int descriptor = 0; descriptor < 3; descriptor++) {
        if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
        // The lowest free number is this one.
        (void)!open("/dev/null", descriptor == 2 ? O_WRONLY : O_RDONLY);
    }
#ifdef __linux__
    require_proc();
#endif
    errno = 0;
}

int process_argument_count(void) {
    return count;
}

const char *process_argument(int position) {
    return arguments[position];
}
