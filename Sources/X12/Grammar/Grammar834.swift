/// Benefit enrollment: 834 (005010X220A1).
enum Grammar834 {
    static let text = """
        set 834 005010X220A1 BE
        ST R 1 3!
        BGN R 1 1!=00,15,22 2! 3! 4! 8!=2,4,RX
        REF S 1 1!=38 2!
        DTP S * 1!=007,090,091,303,382,388 2!=D8 3!
        QTY S 3 1!=DT,ET,TO 2!
        1000A R 1
          N1 R 1 1:P5 3!=24,94,FI
        1000B R 1
          N1 R 1 1:IN 3!=94,FI,XV
        1000C S 2
          N1 R 1 1:BO,TV 2! 3!=94,FI,XV
          1100C S 1
            ACT R 1 1!
        2000 R *
          INS R 1 1!=N,Y \
        2!=01,03,04,05,06,07,08,09,10,11,12,13,14,15,16,17,18,19,23,24,25,26,31,33,38,39,48,49,53,\
        60,D2,G8,G9 3!=001,021,024,025,030 5!=A,C,S,T 8=AC,AO,AU,FT,L1,PT,RT,TE
          REF R 1 1:0F 2!
          REF S 1 1:1L 2!
          REF S 13 1:17,23,3H,4A,6O,ABB,D3,DX,F6,P5,Q4,QQ,ZZ 2!
          DTP S 24 \
        1!=050,056,286,296,297,300,301,303,336,337,338,339,340,341,350,351,356,357,360,361,\
        383,385,386,393,394,473,474 2!=D8 3!
          2100A R 1
            NM1 R 1 1:74,IL 2!=1 3! 8=34,ZZ
            PER S 1 1!=IP 3!
            N3 S 1
            N4 S 1 1!
            DMG S 1 1!=D8 2! 3!=F,M,U
            EC S *
            ICM S 1 1! 2!
            AMT S 7 1!=B9,C1,D2,EBA,FK,P3,R 2!
            HLH S 1
            LUI S *
          2100B S 1
            NM1 R 1 1:70 2!=1 3!
            DMG S 1
          2100C S 1
            NM1 R 1 1:31 2!=1
            N3 R 1
            N4 R 1 1!
          2100D S 3
            NM1 R 1 1:36 2!=1,2
            PER S 1 1!=EP 3!
            N3 S 1
            N4 S 1 1!
          2100E S 3
            NM1 R 1 1:M8 2!=2
            PER S 1 1!=SK 3!
            N3 S 1
            N4 S 1 1!
          2100F S 1
            NM1 R 1 1:S3 2!=1
            PER S 1 1!=PQ 3!
            N3 S 1
            N4 S 1 1!
          2100G S 13
            NM1 R 1 1:6Y,9K,E1,EI,EXS,GB,GD,J6,LR,QD,S1,TZ,X4 2!=1,2
            PER S 1 1!=RP 3!
            N3 S 1
            N4 S 1 1!
          2100H S 1
            NM1 R 1 1:45 2!=1
            N3 R 1
            N4 R 1 1!
          2200 S 4
            DSB R 1 1!
            DTP S 10 1!=360,361 2!=D8 3!
          2300 S 99
            HD R 1 1!=001,002,021,024,025,026,030,032 \
        3!=AG,AH,AJ,AK,DCP,DEN,EPO,FAC,HE,HLT,HMO,LTC,LTD,MM,MOD,PDG,POS,PPO,PRA,STD,UR,VIS
            DTP R 6 1!=300,303,343,348,349,543,695 2!=D8,RD8 3!
            AMT S 9 1!=B9,C1,D2,EBA,FK,P3,R 2!
            REF S 20 1!=17,1L,9V,CE,E8,M7,PID,QQ,RB,X9,XM,XX1,XX2,ZX,ZZ 2!
            IDC S 3 1! 2!
            2310 S 30
              LX R 1 1!
              NM1 R 1 1:1X,3D,80,FA,OD,P3,QA,QN,Y2 2!=1,2
              N3 S 2
              N4 S 1 1!
              PER S 2 1!=IC 3!
              PLA S 1 1!=2 2! 3!
            2320 S 5
              COB R 1 1!=P,S,T,U 3!=1,5,6
              REF S 4 1!=60,6P,SY,ZZ 2!
              DTP S 2 1!=344,345 2!=D8 3!
              2330 S 3
                NM1 R 1 1:36,GW,IN 2!=2
                N3 S 1
                N4 S 1 1!
                PER S 1 1!=CN 3!
          LS S 1 1!=2700
          2700 S *
            LX R 1 1!
            2750 R 1
              N1 R 1 1:75 2!
              REF S 1 1!=00,17,18,19,26,3L,6M,9V,9X,GE,LU,PID,XX1,XX2,YY,ZZ 2!
              DTP S 1 1!=007 2!=D8,RD8 3!
          LE S 1 1!=2700
        """
}
