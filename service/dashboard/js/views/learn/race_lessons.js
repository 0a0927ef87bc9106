/** Races that show something, with what there is to see in them. */

/** @import { Spec } from "../../lib/form.js" */
/** @import { DescentRequest } from "../../lib/types.js" */

/**
 * @typedef {{ optimizer: Spec, schedule?: Spec }} Racer
 *   Without a schedule, the learning rate stays as it is.
 * @typedef {Required<Pick<DescentRequest, "start" | "steps">> & { surface: Spec, runs: Racer[] }} Race
 * @typedef {{ name: string, about: string, race: Race }} RaceLesson
 */

/** @type {RaceLesson[]} */
export const RACE_LESSONS = [
  {
    name: "A long valley",
    about:
      "Steep across and flat along. Plain descent swings from wall to wall, because one learning " +
      "rate must do for both directions. Momentum adds up what the steps have in common; adaptive " +
      "methods give each direction a rate of its own.",
    race: {
      surface: { kind: "bowl", condition: 50 },
      start: [-1.8, 1.2],
      steps: 80,
      runs: [
        { optimizer: { kind: "sgd", learning_rate: 0.0385 } },
        { optimizer: { kind: "sgd", learning_rate: 0.03, momentum: 0.7 } },
        { optimizer: { kind: "rmsprop", learning_rate: 0.04 } },
        { optimizer: { kind: "adam", learning_rate: 0.1 } },
      ],
    },
  },
  {
    name: "Too slow, right, too high",
    about:
      "The same descent at four learning rates. The lowest has hardly left when the others are " +
      "there; a higher one overshoots and comes back; the highest climbs out of the valley.",
    race: {
      surface: { kind: "bowl", condition: 5 },
      start: [-1.7, 1.5],
      steps: 60,
      runs: [0.01, 0.15, 0.37, 0.405].map((rate) => ({ optimizer: { kind: "sgd", learning_rate: rate } })),
    },
  },
  {
    name: "Off a saddle",
    about:
      "At a saddle the gradient is almost nothing, and yet it is no minimum. The start is a hair " +
      "beside the ridge: see who notices first.",
    race: {
      surface: { kind: "saddle" },
      start: [-1.5, 0.01],
      steps: 60,
      runs: [
        { optimizer: { kind: "sgd", learning_rate: 0.03 } },
        { optimizer: { kind: "sgd", learning_rate: 0.03, momentum: 0.9 } },
        { optimizer: { kind: "adagrad", learning_rate: 0.1 } },
        { optimizer: { kind: "adam", learning_rate: 0.05 } },
      ],
    },
  },
  {
    name: "A curved valley",
    about:
      "Rosenbrock's valley is easy to find and hard to follow: its floor is almost flat, and turns. " +
      "All are in it after a few steps; the way along it is what takes long.",
    race: {
      surface: { kind: "rosenbrock" },
      start: [-1.2, 1],
      steps: 400,
      runs: [
        { optimizer: { kind: "sgd", learning_rate: 0.0015 } },
        { optimizer: { kind: "sgd", learning_rate: 0.0005, momentum: 0.9 } },
        { optimizer: { kind: "rmsprop", learning_rate: 0.01 } },
        { optimizer: { kind: "adam", learning_rate: 0.1 } },
      ],
    },
  },
  {
    name: "A rate that falls",
    about:
      "Lion makes steps of one length, however near the minimum is: at a constant rate it swings about " +
      "it for ever. A schedule, a step counting as an epoch, lets the rate fall, and it comes to rest. " +
      "If the rate falls too soon, it does so before it is there.",
    race: {
      surface: { kind: "bowl", condition: 5 },
      start: [-1.8, 1.25],
      steps: 80,
      runs: [
        { optimizer: { kind: "lion", learning_rate: 0.1 } },
        { optimizer: { kind: "lion", learning_rate: 0.1 }, schedule: { kind: "cosine" } },
        { optimizer: { kind: "lion", learning_rate: 0.1 }, schedule: { kind: "exponential", factor: 0.96 } },
        { optimizer: { kind: "lion", learning_rate: 0.1 }, schedule: { kind: "step", every: 10, factor: 0.3 } },
      ],
    },
  },
  {
    name: "Many minima",
    about:
      "Four minima, all equally deep. Where a descent ends depends on where it begins: click " +
      "somewhere else, close to a ridge for instance.",
    race: {
      surface: { kind: "himmelblau" },
      start: [-0.3, -0.9],
      steps: 150,
      runs: [
        { optimizer: { kind: "sgd", learning_rate: 0.005 } },
        { optimizer: { kind: "sgd", learning_rate: 0.005, momentum: 0.9 } },
        { optimizer: { kind: "rmsprop", learning_rate: 0.1 } },
        { optimizer: { kind: "adam", learning_rate: 0.2 } },
      ],
    },
  },
];
