import X12

extension Outcome {
    /// Reads an outcome that was received, and so was built and checked once: only the file that is
    /// made of it is checked again.
    ///
    /// - Throws: `outcome`, with the field; no value stands in it.
    /// - Complexity: linear in the bytes.
    init(recorded bytes: ArraySlice<UInt8>, delimiters: X12Delimiters) throws(ExchangeError) {
        do throws(LineFault) {
            let line = try LineDecoder.decode(
                OutcomeLine.self, try LineJSON.read(bytes), delimiters)
            guard let outcome = line.outcome else {
                throw LineFault("holds no outcome", "bring its file back from a copy")
            }
            self = outcome
        } catch {
            throw error.error(line: nil)
        }
    }
}
