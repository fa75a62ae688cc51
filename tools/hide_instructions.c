/* Hides AVX-512 VNNI, or all of AVX-512, from a program, to test on a newer processor what an older one computes. x86-64 Linux with CPUID faulting.

   gcc -shared -fPIC -o hide.so tools/hide_instructions.c
   HIDE=vnni LD_PRELOAD=$PWD/hide.so python ...       (HIDE=avx512 leaves AVX2)

   The kernel is asked to make the instruction CPUID fault; the handler runs it and clears the bits of the hidden instructions in the answer
   (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, CPUID, leaf 7). */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_SET_CPUID 0x1012
#define BIT(n) (1u << (n))

static int all_of_avx512;

static void answer(int number, siginfo_t *info, void *context) {
    (void)info;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    uint8_t *code = (uint8_t *)registers[REG_RIP];
    if (code[0] != 0x0f || code[1] != 0xa2) { /* another fault than that of CPUID */
        signal(number, SIG_DFL);
        return;
    }
    uint32_t leaf = registers[REG_RAX], part = registers[REG_RCX], a = leaf, b, c = part, d;
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1);
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0);
    if (leaf == 7 && part == 0) {
        c &= ~BIT(11);                                  /* AVX512_VNNI */
        d &= ~(BIT(22) | BIT(24) | BIT(25));            /* AMX */
        if (all_of_avx512) {
            b &= ~(BIT(16) | BIT(17) | BIT(21) | BIT(28) | BIT(30) | BIT(31));
            c &= ~(BIT(1) | BIT(6) | BIT(12) | BIT(14));
            d &= ~(BIT(2) | BIT(3) | BIT(8) | BIT(23)); /* the last one is AVX512_FP16 */
        }
    }
    if (leaf == 7 && part == 1) {
        a &= ~(BIT(4) | BIT(5)); /* AVX_VNNI, AVX512_BF16 */
        d &= ~(BIT(4) | BIT(10)); /* AVX_VNNI_INT8, AVX_VNNI_INT16 */
    }
    registers[REG_RAX] = a, registers[REG_RBX] = b, registers[REG_RCX] = c, registers[REG_RDX] = d;
    registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void start(void) {
    const char *hidden = getenv("HIDE");
    if (!hidden) return;
    all_of_avx512 = !strcmp(hidden, "avx512");
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = answer;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGSEGV, &action, 0);
    if (syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0)) perror("CPUID cannot be made to fault");
}
