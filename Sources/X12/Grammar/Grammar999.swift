/// Implementation acknowledgment: 999 (005010X231A1).
///
/// The interchange acknowledgment, TA1, is one segment outside any group; its line stands in
/// `SegmentDictionary`.
enum Grammar999 {
    static let text = """
        set 999 005010X231A1 FA
        ST R 1 3!
        AK1 R 1 1! 2! 3!
        2000 S *
          AK2 R 1 1! 2!
          2100 S *
            IK3 R 1 1! 2! 4!
            CTX S 10
            2110 S *
              IK4 R 1 1! 3!
              CTX S 10
          IK5 R 1 1!=A,E,M,R,W,X
        AK9 R 1 1!=A,E,M,P,R,W,X 2! 3! 4!
        """
}
