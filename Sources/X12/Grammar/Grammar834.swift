/// Benefit enrollment: 834 (005010X220A1).
enum Grammar834 {
    static let text = """
        set 834 005010X220A1 BE
        each ACT 2- 3- 4- 5- 7- 8- 9-
        each AMT 3-
        each BGN 1=00,15,22 5=01,02,03,04,05,06,07,08,09,10,11,12,13,14,15,16,17,18,19,20,21,22,\
        23,24,AD,AS,AT,CD,CS,CT,ED,ES,ET,GM,HD,HS,HT,LT,MD,MS,MT,ND,NS,NT,PD,PS,PT,TD,TS,TT,UT \
        7- 8=2,4,RX 9-
        each COB 3=1,5,6 4=1,35,48,50,54,89,90,A4,AG,AL,BB
        each DMG 3=F,M,U 4=B,D,I,M,R,S,U,W,X 5.1=7,8,A,B,C,D,E,F,G,H,I,J,N,O,P,Z 5.2=RET \
        6=1,2,3,4,5,6,7 7- 8- 9- 10=REC
        each DSB 1=1,2,3,4 2- 3- 4- 5- 6- 7=DX,ZZ
        each EC 1=01,02,03,04,05,06,07,08,09,10,11,12,17,18,19,20,21,22,23 \
        2=01,02,03,04,05,06,07,08,09,10,11,12,17,18,19,20,21,22,23 \
        3=01,02,03,04,05,06,07,08,09,10,11,12,17,18,19,20,21,22,23 4- 5- 6-
        each HD 2- 3=AG,AH,AJ,AK,DCP,DEN,EPO,FAC,HE,HLT,HMO,LTC,LTD,MM,MOD,PDG,POS,PPO,PRA,STD,\
        UR,VIS 5=CHD,DEP,E1D,E2D,E3D,E5D,E6D,E7D,E8D,E9D,ECH,EMP,ESP,FAM,IND,SPC,SPO,TWO 6- 7- \
        8- 9=N,Y 10- 11-
        each HLH 1=N,S,T,U,X 4- 5- 6- 7-
        each ICM 1=1,2,3,4,6,7,8,9,B,C,H,Q,S,U 6-
        each IDC 2=D,H,P 4=1,2,RX
        each INS 1=N,Y 2=01,03,04,05,06,07,08,09,10,11,12,13,14,15,16,17,18,19,23,24,25,26,31,\
        38,53,60,D2,G8,G9 3=001,021,024,025,030 \
        4=01,02,03,04,05,06,07,08,09,10,11,14,15,16,17,18,20,21,22,25,26,27,28,29,31,32,33,37,\
        38,39,40,41,43,59,AA,AB,AC,AD,AE,AF,AG,AH,AI,AJ,AL,EC,XN,XT 5=A,C,S,T 6.1=A,B,C,D,E \
        6.2=0,1,2 7=1,10,2,3,4,5,6,7,8,9,ZZ 8=AC,AO,AU,FT,L1,PT,RT,TE 9=F,N,P 10=N,Y 11=D8 \
        13=R,U 14- 15- 16-
        each LUI 1=LD,LE 4=5,6,7,8 5-
        each N1 3=24,94,FI,XV 5- 6-
        each N4 5=60,CY
        each NM1 8=24,34,FI,NI,SV,XV,XX,ZZ 11- 12-
        each PER 3=AP,BN,CP,EM,EX,FX,HP,TE,WP 5=AP,BN,CP,EM,EX,FX,HP,TE,WP \
        7=AP,BN,CP,EM,EX,FX,HP,TE,WP 9-
        each PLA 1=2 2=1P 4- 5=14,22,46,AA,AB,AC,AD,AE,AF,AG,AH,AI,AJ
        each QTY 3- 4-
        each REF 3- 4-
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
