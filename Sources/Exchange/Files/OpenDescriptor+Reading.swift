import Glibc

extension OpenDescriptor {
    /// Bytes at a place of a file; fewer than `byteCount` is an error, for the file was longer.
    func read(at offset: Int, byteCount: Int, _ place: String) throws(ExchangeError) -> [UInt8] {
        var failure: CInt?
        let bytes = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
            while filled < byteCount && failure == nil {
                let count = pread(
                    number, buffer.baseAddress.map { $0 + filled }, byteCount - filled,
                    off_t(offset + filled))
                if count > 0 {
                    filled += count
                } else if count == 0 {
                    failure = 0
                } else if errno != EINTR {
                    failure = errno
                }
            }
        }
        guard let failure else { return bytes }
        if failure == 0 {
            throw ExchangeError(
                "changed",
                "\(place) became shorter while it was read. See that nobody writes to it, and "
                    + "read it again")
        }
        throw .storage("read", place, failure)
    }
}
