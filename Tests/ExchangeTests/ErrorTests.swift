import Exchange
import Testing

@Suite struct ErrorTests {
    @Test func anErrorSaysItsMessage() {
        #expect("\(ExchangeError("storage", "the disk is gone"))" == "the disk is gone")
    }
}
