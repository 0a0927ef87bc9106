/** Lessons to begin with: each is a run, why it goes as it goes, and what to change then. */

/** @import { JobCreate } from "../../lib/types.js" */

/**
 * @typedef {object} Preset
 * @property {string} id
 * @property {string} title
 * @property {string} lesson What there is to see, in a sentence.
 * @property {string[]} story Paragraphs: why.
 * @property {{label: string, change: Partial<JobCreate>}[]} tries What to change then.
 * @property {JobCreate} job
 */

/**
 * States to play like a film, and layers to look into.
 * @param {number} every How many epochs lie between two of them.
 */
const watched = (every) => ({ checkpoints: { every, keep: 50 }, diagnostics: { every } });

/** @type {JobCreate} */
const FEW_ROWS = {
  dataset: { kind: "two_moons", samples: 80, noise: 0.4 },
  network: { layers: [{ kind: "dense", units: 64, activation: "relu" }, { kind: "dense", units: 64, activation: "relu" }] },
  optimizer: { kind: "adam", learning_rate: 0.0007 },
  training: { epochs: 400, batch_size: 16, seed: 3 },
  validation: { kind: "holdout", fraction: 0.5 },
  ...watched(10),
};
/** @type {JobCreate["network"]} */
const WITH_DROPOUT = {
  layers: [
    { kind: "dense", units: 64, activation: "relu" },
    { kind: "dropout", rate: 0.5 },
    { kind: "dense", units: 64, activation: "relu" },
    { kind: "dropout", rate: 0.5 },
  ],
};

/** @type {Preset[]} */
export const PRESETS = [
  {
    id: "perceptron",
    title: "A perceptron fails on XOR",
    lesson: "One neuron draws one straight line. These four clouds need two.",
    story: [
      "Without a hidden layer, a network weighs its inputs, adds them up and cuts the plane in two. Opposite corners belong together here, so whichever line it finds, about half of the rows are on the wrong side: the loss stays near 0.69, which is what guessing costs.",
      "A hidden layer bends the plane first. Two or three neurons are enough to make the corners separable.",
    ],
    tries: [
      { label: "Add a hidden layer of 4", change: { network: { layers: [{ kind: "dense", units: 4, activation: "tanh" }] } } },
      { label: "Use the historical step and its rule", change: { network: { layers: [], output_activation: "step" }, loss: "perceptron" } },
    ],
    job: {
      name: "perceptron on XOR",
      dataset: { kind: "xor", samples: 400 },
      network: { layers: [] },
      optimizer: { kind: "sgd", learning_rate: 0.1 },
      training: { epochs: 80, batch_size: 16, seed: 1 },
      ...watched(2),
    },
  },
  {
    id: "rate",
    title: "A learning rate that is too high",
    lesson: "Each step jumps over the valley that it should walk down into.",
    story: [
      "A gradient says which way is down, and only close by. A step many times too long lands on the other slope, often higher than before: the loss jumps about instead of falling, or grows without bounds.",
      "Too small a rate is safe and slow. In between, a few tenths for plain descent, this network is done in some dozen epochs.",
    ],
    tries: [
      { label: "A good rate: 0.3", change: { optimizer: { kind: "sgd", learning_rate: 0.3 } } },
      { label: "Too low: 0.001", change: { optimizer: { kind: "sgd", learning_rate: 0.001 } } },
      { label: "Let Adam scale the steps", change: { optimizer: { kind: "adam", learning_rate: 0.01 } } },
    ],
    job: {
      name: "learning rate 30",
      dataset: { kind: "two_moons", samples: 500 },
      network: { layers: [{ kind: "dense", units: 16, activation: "tanh" }] },
      optimizer: { kind: "sgd", learning_rate: 30 },
      training: { epochs: 100, batch_size: 32, seed: 2 },
      ...watched(2),
    },
  },
  {
    id: "overfitting",
    title: "Overfitting",
    lesson: "The training loss falls and falls; on rows held out it rises again.",
    story: [
      "Thousands of weights and forty noisy rows: the network has room to learn every row by heart, noise included. Watch the two curves part. From there on it gets better at what it has seen and worse at what it has not.",
      "Fewer neurons, more rows, a penalty on large weights, dropout, or stopping in time: each narrows the gap.",
    ],
    tries: [
      { label: "Penalise large weights (L2)", change: { regularizers: [{ kind: "l2", strength: 0.02 }] } },
      { label: "Fewer neurons", change: { network: { layers: [{ kind: "dense", units: 4, activation: "relu" }] } } },
      { label: "Ten times the rows", change: { dataset: { kind: "two_moons", samples: 800, noise: 0.4 } } },
    ],
    job: { name: "overfitting", ...FEW_ROWS },
  },
  {
    id: "stopping",
    title: "Early stopping",
    lesson: "Keep the weights of the best epoch, and stop when no better one comes.",
    story: [
      "The same run as “Overfitting”, but watched: after every epoch the loss on rows held out is compared with the best so far. After 30 epochs without a better one it stops, and the model is that of the best epoch, not of the last.",
      "Patience is a bet: too little stops at the first bump, too much wastes time.",
    ],
    tries: [
      { label: "Less patience: 5", change: { stopping: [{ kind: "early_stopping", patience: 5 }] } },
      { label: "No early stopping", change: { stopping: [] } },
    ],
    job: { name: "early stopping", ...FEW_ROWS, stopping: [{ kind: "early_stopping", patience: 30 }] },
  },
  {
    id: "dropout",
    title: "Dropout",
    lesson: "Half of the neurons are missing in each step, so none can be relied upon.",
    story: [
      "In every mini-batch each hidden neuron is left out with a probability of one half. No neuron can count on a particular other one, and what the network learns is spread over many: much like the mean of many small networks.",
      "The training loss becomes restless and stays higher, and the loss on rows held out rises later, or not at all. Compare it with “Overfitting”, which has the same data and seed.",
    ],
    tries: [
      { label: "Without dropout", change: { network: FEW_ROWS.network } },
      { label: "Normalise batches instead", change: { network: { layers: [{ kind: "dense", units: 64, activation: "relu" }, "batch_norm", { kind: "dense", units: 64, activation: "relu" }, "batch_norm"] } } },
    ],
    job: { name: "dropout", ...FEW_ROWS, network: WITH_DROPOUT },
  },
  {
    id: "selection",
    title: "L1 selects features",
    lesson: "A penalty on the sizes of weights sets most of them to exactly zero.",
    story: [
      "Thirty measurements of cell nuclei, many of which say the same. L1 asks the same price for every bit of weight, so weights that do not pay for themselves go all the way to zero, and their inputs are switched off. L2 only shrinks them: its price vanishes with the weight.",
      "Here about five of the thirty stay, and tell as much as all did: the accuracy hardly suffers.",
    ],
    tries: [
      { label: "Without a penalty", change: { regularizers: [] } },
      { label: "L2 instead", change: { regularizers: [{ kind: "l2", strength: 0.05 }] } },
      { label: "A stronger L1", change: { regularizers: [{ kind: "l1", strength: 0.15 }] } },
    ],
    job: {
      name: "L1 on tumours",
      dataset: { kind: "breast_cancer" },
      network: { layers: [] },
      optimizer: { kind: "sgd", learning_rate: 0.3 },
      regularizers: [{ kind: "l1", strength: 0.05 }],
      training: { epochs: 500, batch_size: 456, seed: 5 },
      ...watched(10),
    },
  },
  {
    id: "digits",
    title: "Handwritten digits",
    lesson: "A small network reads 8 by 8 pixels, and is right 98 times in 100.",
    story: [
      "Sixty-four brightnesses in, ten probabilities out, one hidden layer in between. Adam gives each weight a step of its own size, and batches of 64 rows make the gradient cheap and a little noisy, which does no harm.",
    ],
    tries: [
      { label: "Shift the images by a pixel", change: { augmentation: ["shift"] } },
      { label: "Plain descent", change: { optimizer: { kind: "sgd", learning_rate: 0.1 } } },
    ],
    job: {
      name: "digits",
      dataset: { kind: "digits" },
      network: { layers: [{ kind: "dense", units: 64, activation: "relu" }] },
      optimizer: { kind: "adam", learning_rate: 0.003 },
      training: { epochs: 60, batch_size: 64, seed: 7 },
      ...watched(2),
    },
  },
];

/** @param {string | null} id */
export const presetOf = (id) => PRESETS.find((preset) => preset.id === id) ?? null;
