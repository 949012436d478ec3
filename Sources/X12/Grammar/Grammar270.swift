/// Eligibility: the inquiry, 270, and its response, 271 (005010X279A1).
///
/// How a table reads is told at `GrammarReader`.
enum Grammar270 {
    static let text = """
        set 270 005010X279A1 HS
        each NM1 11- 12-
        ST R 1 3!
        BHT R 1 1!=0022 2!=01,13,36 4! 5!
        2000A R *
          HL R 1 1! 2- 3:20 4!=1
          2100A R 1
            NM1 R 1 1:2B,36,GP,P5,PR 2!=1,2 6- 8!=24,46,FI,NI,PI,XV,XX 9! 10-
          2000B R *
            HL R 1 1! 2! 3:21 4!=0,1
            2100B R 1
              NM1 R 1 1:1P,2B,36,80,FA,GP,P5,PR 2!=1,2 8!=24,34,FI,PI,PP,SV,XV,XX 9! 10-
              REF S 9 1!=0B,1C,1D,1J,4A,CT,EL,EO,HPI,JD,N5,N7,Q4,SY,TJ 2!
              N3 S 1
              N4 S 1 1!
              PRV S 1 1!=AD,AT,BI,CO,CV,H,HH,LA,OT,P1,P2,PC,PE,R,RF,SB,SK,SU
            2000C R *
              HL R 1 1! 2! 3:22 4!=0,1
              TRN S 2 1!=1 2! 3!
              2100C R 1
                NM1 R 1 1:IL 2!=1,2 8=II,MI 10-
                REF S 9 1! 2!
                N3 S 1
                N4 S 1 1!
                PRV S 1 1!
                DMG S 1 3=F,M
                INS S 1 1!=Y 2!=18
                HI S 1
                DTP S 2 1!=102,291 2!=D8,RD8 3!
                2110C S 99
                  EQ R 1
                  AMT S 2 1!=PB,R
                  III S 1
                  REF S 1 1!=9F,G1 2!
                  DTP S 1 1!=291 2!=D8,RD8 3!
              2000D S *
                HL R 1 1! 2! 3:23 4!=0
                TRN S 2 1!=1 2! 3!
                2100D R 1
                  NM1 R 1 1:03 2!=1 8-
                  REF S 9 1! 2!
                  N3 S 1
                  N4 S 1 1!
                  PRV S 1 1!
                  DMG S 1 3=F,M
                  INS S 1 1!=N 2!=01,19,34
                  HI S 1
                  DTP S 2 1!=102,291 2!=D8,RD8 3!
                  2110D R 99
                    EQ R 1
                    AMT S 2 1!=PB,R
                    III S 1
                    REF S 1 1!=9F,G1 2!
                    DTP S 1 1!=291 2!=D8,RD8 3!
        set 271 005010X279A1 HB
        ST R 1 3!
        BHT R 1 1!=0022 2!=06,11 4! 5!
        2000A R *
          HL R 1 1! 2- 3:20 4!=0,1
          AAA S 9 1!=N,Y 3! 4!
          2100A R 1
            NM1 R 1 1:2B,36,GP,P5,PR 2!=1,2 8!=24,46,FI,NI,PI,XV,XX 9!
            PER S 3 1!=IC
            AAA S 9 1!=N,Y 3! 4!
          2000B S *
            HL R 1 1! 2! 3:21 4!=0,1
            2100B R 1
              NM1 R 1 1:1P,2B,36,80,FA,GP,P5,PR 2!=1,2 8!=24,34,FI,PI,PP,SV,XV,XX 9!
              REF S 9 1! 2!
              N3 S 1
              N4 S 1 1!
              AAA S 9 1!=N,Y 3! 4!
              PRV S 1 1!
            2000C S *
              HL R 1 1! 2! 3:22 4!=0,1
              TRN S 3 1!=1,2 2! 3!
              2100C R 1
                NM1 R 1 1:IL 2!=1,2 8=II,MI
                REF S 9 1! 2!
                N3 S 1
                N4 S 1
                PER S 3 1!=IC
                AAA S 9 1!=N,Y 3! 4!
                PRV S 1 1!
                DMG S 1 3=F,M,U
                INS S 1 1!=Y 2!=18
                HI S 1
                DTP S 9 1! 2!=D8,RD8 3!
                MPI S 1
                2110C S *
                  EB R 1 1!=1,2,3,4,5,6,7,8,A,B,C,CB,D,E,F,G,H,I,J,K,L,M,MC,N,O,P,Q,R,S,T,U,V,W,X,Y
                  HSD S 9
                  REF S 9 1! 2!
                  DTP S 20 1! 2!=D8,RD8 3!
                  AAA S 9 1!=N,Y 3! 4!
                  MSG S 10 1!
                  2115C S 10
                    III R 1
                  LS S 1 1!=2120
                  2120C S 23
                    NM1 R 1 1! 2!=1,2
                    N3 S 1
                    N4 S 1
                    PER S 3 1!=IC
                    PRV S 1 1!
                  LE S 1 1!=2120
              2000D S *
                HL R 1 1! 2! 3:23 4!=0
                TRN S 3 1!=1,2 2! 3!
                2100D R 1
                  NM1 R 1 1:03 2!=1
                  REF S 9 1! 2!
                  N3 S 1
                  N4 S 1
                  PER S 3 1!=IC
                  AAA S 9 1!=N,Y 3! 4!
                  PRV S 1 1!
                  DMG S 1 3=F,M,U
                  INS S 1 1!=N 2!=01,19,34
                  HI S 1
                  DTP S 9 1! 2!=D8,RD8 3!
                  MPI S 1
                  2110D S *
                    EB R 1 \
        1!=1,2,3,4,5,6,7,8,A,B,C,CB,D,E,F,G,H,I,J,K,L,M,MC,N,O,P,Q,R,S,T,U,V,W,X,Y
                    HSD S 9
                    REF S 9 1! 2!
                    DTP S 20 1! 2!=D8,RD8 3!
                    AAA S 9 1!=N,Y 3! 4!
                    MSG S 10 1!
                    2115D S 10
                      III R 1
                    LS S 1 1!=2120
                    2120D S 23
                      NM1 R 1 1! 2!=1,2
                      N3 S 1
                      N4 S 1
                      PER S 3 1!=IC
                      PRV S 1 1!
                    LE S 1 1!=2120
        """
}
