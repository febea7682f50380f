# SPDX-License-Identifier: GPL-2.0
# Never ends being loaded: its CPU spins in the kernel, where nothing preempts it.

        .text
        .type   lab_wait, @function
lab_wait:
        push    %rbp
        mov     %rsp, %rbp
1:      pause
        jmp     1b
        .size   lab_wait, . - lab_wait

        .globl  init_module
        .type   init_module, @function
init_module:
        push    %rbp
        mov     %rsp, %rbp
        call    lab_wait
        xor     %eax, %eax
        pop     %rbp
        ret
        .size   init_module, . - init_module
