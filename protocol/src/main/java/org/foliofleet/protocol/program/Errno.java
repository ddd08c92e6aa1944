package org.foliofleet.protocol.program;

/** The error numbers a modelled system call can give. */
public enum Errno {
    EPERM, ENOENT, EINTR, EIO, EAGAIN, ENOMEM, EACCES, EFAULT, EBUSY, EEXIST, ENODEV, EINVAL, ENOSPC, EFBIG, EOPNOTSUPP,
    EHWPOISON, EBADF
}
