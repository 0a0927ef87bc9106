/** Arrays of numbers as the API sends them: lists, or lists of lists; null stands for what is not finite. */

/** @import { Numbers } from "./types.js" */

/**
 * The numbers of a vector, such as the biases of a layer.
 *
 * @param {Numbers | null | undefined} numbers
 */
export const vectorOf = (numbers) => /** @type {(number | null)[]} */ (numbers?.values ?? []);

/**
 * The rows of a matrix, such as the weights of a layer, a row for each unit.
 *
 * @param {Numbers | null | undefined} numbers
 */
export const matrixOf = (numbers) => /** @type {(number | null)[][]} */ (numbers?.values ?? []);
