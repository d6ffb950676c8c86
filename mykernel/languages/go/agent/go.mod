module mykernel

go 1.24
