/// A shared library that has nothing to do with Quipu.
extern "C" int no_module();
extern "C" int no_module() { return 0; }
