// The description of the API, as admin-ui/complete_openapi.py made it.
    .section .rodata
    .global mamba_openapi
    .global mamba_openapi_end
mamba_openapi:
    .incbin "openapi.json.gz"
mamba_openapi_end:
    .section .note.GNU-stack,"",%progbits
