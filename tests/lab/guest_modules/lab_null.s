# SPDX-License-Identifier: GPL-2.0
# Reads through a null pointer while it is being loaded.

        .text
        .type   lab_read, @function
lab_read:
        push    %rbp
        mov     %rsp, %rbp
        mov     0x10(%rdi), %rax
        pop     %rbp
        ret
        .size   lab_read, . - lab_read

        .globl  init_module
        .type   init_module, @function
init_module:
        push    %rbp
        mov     %rsp, %rbp
        xor     %edi, %edi
        call    lab_read
        xor     %eax, %eax
        pop     %rbp
        ret
        .size   init_module, . - init_module
