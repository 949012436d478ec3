/// Claim payment and advice: 835 (005010X221A1).
enum Grammar835 {
    static let text = """
        set 835 005010X221A1 HP
        each AMT 3-
        each BPR 3=C,D 4=ACH,BOP,CHK,FWT,NON 5=CCP,CTX 6=01,04 8=DA 12=01,04 14=DA,SG 17- 18- \
        19- 20- 21-
        each CLP 2=1,19,2,20,21,22,23,25,3,4 \
        6=12,13,14,15,16,17,AM,CH,DS,HM,LM,MA,MB,MC,OF,TV,VA,WC,ZZ 10- 14-
        each CUR 3- 4- 5- 6- 7- 8- 9- 10- 11- 12- 13- 14- 15- 16- 17- 18- 19- 20- 21-
        each DTM 3- 4- 5- 6-
        each N1 3=FI,XV,XX 5- 6-
        each N4 5- 6-
        each NM1 6- 8=34,AD,BD,BS,C,FI,HN,II,MC,MI,MR,NI,PC,PI,PP,SL,UP,XV,XX 10- 11- 12-
        each PER 3=EM,FX,TE,UR 5=EM,EX,FX,TE,UR 7=EM,EX,FX,UR 9-
        each PLB 3.1=50,51,72,90,AH,AM,AP,B2,B3,BD,BN,C5,CR,CS,CT,CV,CW,DM,E3,FB,FC,GO,HM,IP,IR,\
        IS,J1,L3,L6,LE,LS,OA,OB,PI,PL,RA,RE,SL,TL,WO,WU
        each QTY 3- 4-
        each RDM 1=BM,EM,FT,OL 4- 5-
        each REF 3- 4-
        each SVC 1.1=AD,ER,HC,HP,IV,N4,N6,NU,UI,WK 6.1=AD,ER,HC,HP,IV,N4,NU,WK
        each TRN 1=1
        ST R 1 3-
        BPR R 1 1!=C,D,H,I,P,U,X 2! 3!=C,D 4!=ACH,BOP,CHK,FWT,NON 5=CCP,CTX 6=01,04 8=DA \
        12=01,04 14=DA,SG \
        16!
        TRN R 1 1!=1 2! 3!
        CUR S 1 1!=PR 2!
        REF S 1 1:EV 2!
        REF S 1 1:F2 2!
        DTM S 1 1!=405 2!
        1000A R 1
          N1 R 1 1:PR 2!
          N3 R 1
          N4 R 1 1!
          REF S 4 1!=2U,EO,HI,NF 2!
          PER S 1 1:CX 3=EM,FX,TE,UR
          PER R * 1:BL 3=EM,TE,UR
          PER S 1 1:IC 3!=UR 4!
        1000B R 1
          N1 R 1 1:PE 2! 3!=FI,XV,XX 4!
          N3 S 1
          N4 S 1 1!
          REF S * 1!=0B,D3,PQ,TJ 2!
          RDM S 1 1!
        2000 S *
          LX R 1 1!
          TS3 S 1
          TS2 S 1
          2100 R *
            CLP R 1 1! 2!=1,2,3,4,19,20,21,22,23,25 3! 4! \
        6!=12,13,14,15,16,17,AM,CH,DS,HM,LM,MA,MB,MC,OF,TV,VA,WC,ZZ 7!
            CAS S 99 1!=CO,OA,PI,PR
            NM1 R 1 1:QC 2!=1 8=34,HN,II,MI,MR
            NM1 S 1 1:IL 2!=1,2
            NM1 S 1 1:74 2!=1,2
            NM1 S 1 1:82 2!=1,2
            NM1 S 1 1:TT 2!=2
            NM1 S 1 1:PR 2!=2
            NM1 S 1 1:GB 2!=1,2
            MIA S 1
            MOA S 1
            REF S * 1!=0B,1A,1B,1C,1D,1G,1H,1J,1L,1W,28,6P,9A,9C,BB,CE,D3,EA,F8,G1,G2,G3,IG,LU,SY 2!
            DTM S 4 1!=036,050,232,233 2!
            PER S 2 1!=CX 3!
            AMT S 14 1!=AU,D8,DY,F5,I,NL,T,T2,ZK,ZL,ZM,ZN,ZO 2!
            QTY S 15 1!=CA,CD,LA,LE,NE,NR,OU,PS,VS,ZK,ZL,ZM,ZN,ZO 2!
            2110 S 999
              SVC R 1 1! 2! 3!
              DTM S 1 1:150 2!
              DTM S 1 1:151 2!
              DTM S 1 1:472 2!
              CAS S 99 1!=CO,OA,PI,PR
              REF S * 1!=0B,0K,1A,1B,1C,1D,1G,1H,1J,1S,6R,APC,BB,D3,E9,G1,G2,G3,HPI,LU,RB,SY,TJ \
        2!
              AMT S 9 1!=B6,KH,T,T2,ZK,ZL,ZM,ZN,ZO 2!
              QTY S 6 1!=ZK,ZL,ZM,ZN,ZO 2!
              LQ S 99 1!=HE,RX 2!
        PLB S * 1! 2! 3! 4!
        """
}
