/**
 * What the service answers, as far as the view of a run reads it.
 *
 * @typedef {Record<string, number | null>} Metrics
 *
 * @typedef {object} Epoch
 * @property {number} seq
 * @property {number} fold
 * @property {number} epoch
 * @property {Metrics} train
 * @property {Metrics | null} validation
 * @property {number} learning_rate
 * @property {number} seconds
 * @property {number} samples
 * @property {Record<string, string> | null} non_finite
 * @property {Diagnosis | null} diagnostics
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
 * @typedef {object} Job
 * @property {string} id
 * @property {string | null} name
 * @property {"queued" | "running" | "paused" | "succeeded" | "failed" | "cancelled"} status
 * @property {"pause" | "cancel" | null} pending_action
 * @property {{epoch: number | null, step: number | null} | null} advance_to
 * @property {number} attempt
 * @property {any} spec
 * @property {{id: string | null, sha256: string}} dataset
 * @property {string | null} target
 * @property {string[]} targets
 * @property {{epoch: number, epochs: number, fraction: number, eta_seconds: number | null,
 *   samples_per_second: number | null}} progress
 * @property {Epoch | null} latest
 * @property {Epoch | null} best
 * @property {string | null} stop_reason
 * @property {JobError | null} error
 * @property {string | null} model_id
 * @property {boolean} inexact_resume
 * @property {number} seq
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
 * @property {Numbers} x
 * @property {Record<string, Numbers>} parameters
 * @property {Numbers | null} z
 * @property {Numbers} h
 * @property {Numbers | null} delta
 *
 * @typedef {object} Trace
 * @property {{seq: number, epoch: number}} checkpoint
 * @property {Label[] | null} classes
 * @property {string[]} features
 * @property {TracedLayer[]} layers
 */

export {};
