"""Stocks of words that tell names from titles: frequent names, and words that titles are made of.

They are evidence, not truth: what stands in none of them is only a little less likely. All are in small letters,
names without diacritics.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GIVEN_NAMES = _words(
    """
    aaron abdul abhishek adam adrian ahmed ajay akash akira alan albert alejandro aleksandr alessandro alex
    alexander alexandre alexey alexis alfred ali alice alina alison amanda amir amit amy an ana anand anders andrea
    andreas andrei andrew andrey andrzej andy angela anil anirudh anita anjali ankit ankur anna anne anthony antoine
    anton antonio ari arjun armin arnaud arthur arun arvind ashish ashwin aviv barbara barret bastian ben benjamin
    bernhard bharat bin bing bjorn bo boris brandon brian bruno bryan byung cameron carl carla carlo carlos caroline
    catherine cecilia cedric chang chao charles charlotte chelsea chen cheng chenyang chi chiara chloe chris
    christian christina christoph christopher chun chung chunyuan claire claudia claudio clement colin connor
    cristian cristina dan daniel daniela daniele danny dario david davide dawei dawn dean deepak denis dennis diego
    dieter dietrich diganta dimitris dinesh diyi dmitry dominik dong dongyang douglas eduard eduardo edward elena
    eli elias elisa elizabeth emanuele emily emma emmanuel eric erik ethan eugene eva evan fabian fabio fan fang
    federico fei felix feng fernando filip florian francesca francesco francis francisco francois frank franz fred
    frederic gabriel gang gao gary gaurav geoffrey georg george georgios gerard giacomo gilles giorgio giovanni
    giulia giuseppe gopal graham greg gregory guang guido guillaume guo gustavo hamid han hang hannah hans hao
    haoran haoyu harald harish harry harsh hassan he heiko helen helena hendrik henri henrik henry herbert hiroshi
    hoang hong hongyi howard hsin hua huan huang hugo hui hung hussein hwan hyun hyung ian ibrahim igor ilya ingrid
    ioannis irina isaac isabel isabelle ishan ivan jack jackson jacob jacques jae jakob jakub james jan jane janet
    jared jason javier jay jean jeff jeffrey jennifer jens jeremy jerry jesse jessica ji jia jiahui jian jianfeng
    jiang jianhua jiaqi jiawei jiaxin jie jill jim jin jing jingjing jingyi jinwoo joan joao joel johan johann
    johannes john jon jonas jonathan jong joon jordan jorge jose josef joseph josh joshua juan julia julian julien
    jun jung junjie junyuan jurgen justin kai kaiming kang kangwook karan karen karl karthik kate katherine katja
    kazuki kei keith kelly ken kenji kenneth kento kevin khaled kim kiran klaus kun kunal kyle lan lars laura lauren
    laurens laurent lei leo leon leonard leonardo leonid levi li liam liang lin linda ling linyi lisa liu liwei long
    lorenzo louis luc luca lucas lucia luis luisa lukas luke maarten magnus mahdi makoto manish manuel mao marc
    marcel marcin marco marcos marcus margaret maria marie marina mario mark marko marta martha martin mary masahiro
    massimo mathias mathieu matt matteo matthew matthias maurice mauro max maxim maxime md megan mehdi mei melanie
    melissa meng michael michaela michal michel michele miguel mikael mike mikhail milan min ming mingyu miriam
    mitchell mo mohamed mohammad mohammed mohit monica moritz mostafa muhammad mukund murat na naman nancy naoki
    natalia natalie nathan neel neha neil nicholas nick nicola nicolas nicole nikhil nikita niklas nikolai nikos
    nils nina nitin noah noam olaf oleg olga oliver olivier omar ori oscar oskar otto pablo pan paolo pascal patrick
    paul paula pavel pedro pei peihao peng per percy peter petr petra philip philipp philippe pierre pieter ping
    piotr prateek priya qi qian qiang qiao qin qing qiong quan quentin quoc rachel rafael raffaele rahul raj rajesh
    rakesh ralf ralph ramin ran rana raphael raul ravi raymond rebecca renato rene ricardo riccardo richard rob
    robert roberto robin rohan rohit roland romain roman ronald ronan rong rui runze ruslan russell ruth ryan ryo
    sam samuel sander sandra sanjay sanjeev santiago sara sarah satoshi scott sean sebastian sebastien seong serge
    sergey sergio seth seung shai shan shane shang shannon shaojie sharon shen sheng shi shiwei shiyu shu shuai
    shuang shubham siddharth silvia simon simone sofia song sonia soo sophia sophie soumith srinivas stefan stefano
    stella stephan stephane stephanie stephen steve steven stuart su sudeep sujay sungjin sunil sunita suresh susan
    sven sylvain taishi takashi tal tao tara ted teng teresa theo theodore thierry thomas tian tianjin tianlong tim
    timothy ting tobias todd tom tomas tomasz tommaso tong tony tristan tuan tyler ulrich uri uwe vadim valentin
    vanessa vasily veronica vicente victor victoria vijay vikas viktor vincent vineet virginia vishal vivek vladimir
    volker walter wei weijia wen wenbo wendy wenjie wentao werner wilhelm will william wolfgang wolfram wu xavier xi
    xia xiang xiao xiaohan xiaohua xiaoyu xin xing xingyu xinyu xu xuan xue xuxi yan yang yann yannick yao yaron
    yasmine ye yi yifan yihan yihua yin ying yizhou yong yoshua you young yu yuan yuchen yue yuhang yuhao yun yunjie
    yuri yury yusuke yuta yutong yuxin yves zachary zeyu zeyuan zhangyang zhe zhen zheng zhengyu zhenyu zhi zhihao
    zhiwen zhiyuan zhong zhou zhu zhuang zhuo zihan zirui ziwei ziyu zoe zoran
    """
)
"""Frequent given names of authors."""

FAMILY_NAMES = _words(
    """
    abbasi abbeel adams agarwal aggarwal agrawal ahmed ahn ali allen alvarez anandkumar anderson andersson angelov
    arora bach baek bai bailey baker banerjee bansal bao barbosa barnes bauer becker belkin bell ben bengio bennett
    berg berger bhattacharya bian bishop blei boyd braun brooks brown bruno cai campbell cao carlini carter
    chakraborty chan chandra chang chao chatterjee chaudhari chaudhary che chen cheng cheung chi chiang cho choi
    chopra chou chowdhury chu chung clark cohen collins cook cooper costa courville cox cremers cui dai das davis
    dean deng desai dey diaz ding dong dou du duan dubey dutta edwards ellis eriksson evans fan fang farhadi fei
    feng fernandez ferrari fidler fischer fleuret forsyth foster fox frank freeman friedman fu fukumizu gan gao
    garcia garg ge geiger ghahramani ghosh gomez gong gonzalez goodfellow gray green gretton griffiths gu guestrin
    guibas guo gupta guttmann ha hall han hansen hao hardt harris hassabis hassan he hebert hernandez hinton hoffman
    hoffmann hofmann hong hossain hou howard hsieh hsu hu hua huang hughes hwang ibrahim ito jaggi jain jaiswal
    james jang jansen javed jensen jeong ji jia jiang jiao jin jing johansson johnson jones jordan joshi jun jung
    kaiser kakade kang kapoor karras kaul kaur kautz ke keller kelly khan kim kingma klein koch koh kohli koller
    koltun kong kumar kuo kwon lai lam lan lang larson lau le lecun lee lei leskovec levine lewis li lian liang liao
    lim lin ling liu lo long lopez lou lu luo lv ma maclaurin mahajan malik manning mao martin martinez mathur
    matsuo mcallester mccallum mehta mei meng menon meyer miao miller min ming mishra misra mitchell mitra mo
    mohamed mohan moore morales moreno morgan morris mueller mukherjee muller munos murphy murray na nair nakamura
    nelson neumann ng nguyen ni nie nielsen niu novak ortega osborne ouyang owens pan pandey park parker patel
    pathak pedersen pei peng pereira perez peters petrov peyre pham phan phillips poggio pontil popov prasad price
    qian qiao qin qiu qu quan ramanan ramos ranzato rao rasmussen recht reed ren reyes richter rivera roberts
    robinson rodriguez rogers romero rosen ross roy ruan ruiz rus russo saha sahoo saito salakhutdinov sanchez
    santos sato savarese schmid schmidhuber schmidt schneider scholkopf schulz schwartz scott sen shah sharma shaw
    shen sheng shi shin shukla silva silver simonyan singh sinha smith snyder sohn song srivastava stewart stone su
    sullivan sun sundararajan sutskever sutton suzuki swersky szegedy tan tanaka tang tao taylor tegmark teh
    tenenbaum teng thakur thomas thompson tian tibshirani tomar tong torralba torres tran tresp tu tucker turner
    ullman urtasun valko van varma vaswani vedaldi verma vinyals wainwright walker wallach wang ward watanabe weber
    wei weinberger welling wen weston white wilson winther wolf wong wood wright wu xia xiang xiao xie xing xiong xu
    xue yadav yamada yamamoto yan yang yao ye yi yin yoon you young yu yuan yue yun zaremba zeng zha zhai zhan zhang
    zhao zhen zheng zhong zhou zhu zhuang zimmermann zisserman zou zuo
    """
)
"""Frequent family names of authors."""

PARTICLES = _words(
    """
    af al av ben bin bint da das de del dell della den der di do dos du e el i ibn la le st te ten ter van von y zu
    zum zur
    """
)
"""Small words within names."""

GROUPS = _words(
    """
    ai collaboration community consortium group initiative lab labs team
    """
)
"""Last words of the names of groups that sign papers."""

TRADE_WORDS = _words(
    """
    accuracy action activation adam adaptation again agent agents aggregation ahead algorithm algorithms alignment
    analysis annotation annotations application applications approach approaches approximation architecture
    architectures assistant assistants attack attacks attention augmentation augmentations autoencoder autoencoders
    award awareness baseline baselines behavior behaviour benchmark benchmarks best bias biases bound bounds cache
    case challenge challenges chat classification classifier classifiers cloud clouds cluster clusters cnn code
    coding compilation complexity compression computation computing consistency constraints context control
    convergence convolution convolutions corpora corpus cost costs data dataset datasets decision decisions decoding
    defense defenses demand denoising density depth descent design detection detector detectors development devices
    diagnosis dialogue dictionary diffusion distillation distribution distributions diversity domain domains driving
    dynamics edge editing effect effects efficiency embedding embeddings encoder encoders engine engines ensemble
    ensembles environment environments equation equations error errors estimate estimates estimation estimator
    evaluation evaluations evidence evolution examples experience experiment experiments expert experts explained
    explanation explanations exploration face faces faster feature features feedback field fields filter filters
    flow flows forecast forecasting forgetting framework frameworks free function functions fusion future galaxies
    game games gan gans generalization generation generative generator generators geometry gpt gradient gradients
    graph graphs grounding guarantee guarantees guidance hardware hypothesis identification image images imaging
    implementation improvement inference information initialization inputs insight insights instances instructions
    integration intelligence interaction interactions interface interfaces internet interpretability interventions
    kernel kernels knowledge label labels language languages latency law laws layer layers learn learner learners
    learning lens level levels library light limit limits literature llm llms localization logic logs loop loss
    losses machine machines making manifold manifolds manipulation manner map mapping maps mask masks matching
    matrix matter matters measurement measurements mechanism mechanisms media memory method methods metric metrics
    mind minds mixture mixtures mobile modalities modality model modeling modelling models modules moe motion
    motions multimodal navigation need needs network networks neuron neurons noise norm normalization object
    objective objectives objects observation observations one online operations operator operators optimization
    optimizer optimizers oral paper papers parallelism parameters pattern patterns perception performance
    perspective perspectives phenomena phenomenon physics pipeline pipelines planning point points policies policy
    pose poster practice pre-training precision prediction predictions predictor predictors preference preferences
    pretraining principle principles prior priors privacy problem problems process processes processing program
    programming programs progress prompt prompting prompts proof proofs pruning quality quantization queries query
    question questions ranking reality reasoning recognition recommendation recommendations reconstruction recovery
    redundancy regime regimes region regression regularization reinforcement relations relevance rendering report
    representation representations resolution resources response responses rethinking retrieval reveal review
    revisited reward rewards risk risks roadmap robot robotics robots robustness rules safety sample samples
    sampling scale scales scaling scenario scenarios scene scenes schedule scheduling science search segmentation
    selection self semantics sensing sequence sequences series service services serving setting settings shape
    shapes shift shifts signals simulation simulations simulator skills slam solution solutions solver solvers space
    spaces sparse sparsity speech speed spotlight stability state states statistics strategies strategy structure
    structures student students studies study style subspace supervision support survey surveys synthesis system
    systems task tasks taxonomy teacher teachers technique techniques technology term test testing tests text texts
    theorem theorems theory things thinking thought time tokens tool tools topology tracking trade-off trade-offs
    tradeoff tradeoffs training trajectories trajectory transfer transformer transformers translation transport tree
    trees trends trick tricks truth tuning tutorial uncertainty understanding unlearning upcycling usage use user
    users vehicle vehicles verification verifier verifiers video videos view views vision voice walk walks weather
    web weight weights wild word words work workflow workflows works world worlds years
    """
)
"""Words that titles of papers are made of, and names are not."""

JOINTS = _words(
    """
    a an the and or nor but of for with without on at to from by via as into using towards toward through between
    than that
    """
)
"""Words that no title ends with."""

SMALL_WORDS = _words(
    """
    a about across against among an and are as at be between beyond but by do does for from how in into is it its no
    nor not of on or over than that the these this through to toward towards under using via what when where which
    who why with within without
    """
)
"""Words that no name holds."""

BRAND_ENDINGS = _words(
    """
    net nets former formers gan gans bert bench llm llms lm lms vit vits nerf nerfs flow diff gpt moe moes hub eval
    slam mix seg det rec vae clip vlm vla mamba dreamer fuse fusion align prompt coder instruct chat ml ai ocr gs
    """
)
"""What the coined names of methods end with: ``PointNet``, ``KinectFusion``."""

IN_ONE_PIECE = _words(
    """
    2d 2.5d 3d 4d 6d 1d lidar rgb-d rgbd vit vits nerf nerfs ct mri fmri eeg ecg fpga fpgas gpu gpus cpu cpus npu
    tpu uav uavs soc tv ai imagenet pytorch tensorflow mediapipe github deepseek chatgpt openai llm llms vlm vlms
    mllm mllms gan gans cnn cnns gnn gnns rnn rnns vae vaes slam sfm ransac lora qlora moe moes rag rlhf ppo grpo
    dpo sgd adamw bert roberta llama iot hpc ml nlp cv kv qa vqa ocr tts asr sql api apis url json html latex
    leetcode stackoverflow webgl opencl cuda youtube wikipedia wifi wi-fi covid-19
    """
)
"""Words with capitals inside that are never torn."""
