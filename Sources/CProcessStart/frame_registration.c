// Static programs register their unwinding tables at the start, and the first look at them sorts them all: 60 ms with
// as many as there are here. The linker leads these calls here (--wrap), and the unwinder finds the table that is sorted
// already (--eh-frame-hdr), as it does in other programs.

void __wrap___register_frame_info(const void *begin, void *object);
void *__wrap___deregister_frame_info(const void *begin);

void __wrap___register_frame_info(const void *begin, void *object) {
    (void)begin;
    (void)object;
}

void *__wrap___deregister_frame_info(const void *begin) {
    (void)begin;
    return 0;
}
