/**
 * What the service answers, as far as the view of a run reads it.
 *
 * @typedef {import("../../lib/jobs.js").Epoch & {
 *   non_finite: Record<string, string> | null, diagnostics: Diagnosis | null}} Epoch
 *
 * @typedef {{edges: number[], counts: number[]}} Histogram
 *
 * @typedef {object} LayerDiagnosis
 * @property {string} layer
 * @property {string} kind
 * @property {number} weight_norm
 * @property {number} gradient_norm
 * @property {number} update_ratio
 * @property {number} units
 * @property {number} dead_units
 * @property {Histogram} [weights]
 * @property {Histogram} [gradients]
 *
 * @typedef {{layers: LayerDiagnosis[], warnings: string[]}} Diagnosis
 *
 * @typedef {object} JobError
 * @property {string} type
 * @property {string} detail
 * @property {number | null} epoch
 * @property {number | null} step
 * @property {string | null} layer
 * @property {string | null} pointer
 * @property {number | null} row
 * @property {string | null} column
 *
 * @typedef {import("../../lib/jobs.js").Job & {
 *   pending_action: "pause" | "cancel" | null, latest: Epoch | null, best: Epoch | null,
 *   error: JobError | null}} Job
 *
 * @typedef {object} Checkpoint
 * @property {number} seq
 * @property {number} epoch
 * @property {number} fold
 * @property {boolean} partial
 * @property {boolean} best
 * @property {boolean} last
 * @property {boolean} available
 *
 * @typedef {string | number | boolean} Label
 *
 * @typedef {object} Task
 * @property {"regression" | "binary" | "multiclass" | "multilabel"} kind
 * @property {string | null} target
 * @property {string[]} targets
 * @property {Label[]} classes
 *
 * @typedef {{name: string, kind: "integer" | "float" | "boolean" | "string"}} Input
 *
 * @typedef {object} Model
 * @property {string} id
 * @property {Task} task
 * @property {Input[]} inputs
 * @property {{seq: number, epoch: number}} checkpoint
 *
 * @typedef {object} Column
 * @property {string} name
 * @property {"integer" | "float" | "boolean" | "string"} kind
 * @property {number} missing
 * @property {number} distinct
 * @property {number | null} minimum
 * @property {number | null} maximum
 * @property {number | null} mean
 * @property {number | null} standard_deviation
 * @property {{value: Label, count: number}[] | null} most_frequent
 *
 * @typedef {object} Dataset
 * @property {string} id
 * @property {string} name
 * @property {number} rows
 * @property {Column[]} columns
 * @property {{width: number, height: number, channels: number} | null} image
 *
 * @typedef {Record<string, Label | null>} Row
 *
 * @typedef {object} Predictions
 * @property {{seq: number, epoch: number}} checkpoint
 * @property {(Label | Label[])[]} predictions
 * @property {Label[] | null} classes
 * @property {number[][] | null} probabilities
 *
 * @typedef {{shape: number[], values: any, cut: boolean, finite: boolean}} Numbers
 *
 * @typedef {object} TracedLayer
 * @property {string} name
 * @property {string} kind
 * @property {string | null} activation
 * @property {number[]} units the numbers of those that are told
 * @property {Numbers} x
 * @property {Record<string, Numbers>} parameters
 * @property {Numbers | null} z
 * @property {Numbers} h
 * @property {Numbers | null} delta
 *
 * @typedef {object} Trace
 * @property {{seq: number, epoch: number}} checkpoint
 * @property {Label[] | null} classes
 * @property {string[]} targets
 * @property {string[]} features
 * @property {TracedLayer[]} layers
 */

export {};
