/**
 * What the service answers about how a network learns; the members are told in its reference.
 *
 * @typedef {{ shape: number[], values: any[], cut: boolean, finite: boolean }} Numbers
 *   An array, or the corner of a large one: lists of numbers, null where one is not finite.
 * @typedef {{
 *   name: string, kind: string, activation: string | null, x: Numbers, z: Numbers | null,
 *   h: Numbers, delta: Numbers | null, parameters: Record<string, Numbers>,
 *   gradients: Record<string, Numbers>, theta: Record<string, Numbers>,
 *   update: LayerUpdate | null,
 * }} TracedLayer
 * @typedef {{
 *   gradients: Record<string, Numbers>, change: Record<string, Numbers>,
 *   memory: Record<string, { before: Record<string, Numbers>, after: Record<string, Numbers> }>,
 * }} LayerUpdate
 * @typedef {{
 *   model_id: string, checkpoint: { epoch: number }, target: string | null, targets: string[],
 *   classes: (string | number | boolean)[] | null,
 *   target_scales: { offset: number, scale: number }[] | null, features: string[],
 *   training: boolean, optimizer: Record<string, any>, learning_rate: number, step: number,
 *   update: {
 *     equation: string, fresh: boolean,
 *     memory: { name: string, symbol: string, rule: string }[],
 *   } | null,
 *   layers: TracedLayer[], y: Numbers, y_hat: Numbers, losses: (number | null)[],
 *   loss: number | null,
 * }} Trace
 * @typedef {{
 *   kind: string, summary: string, description: string, equation: string, short_form: boolean,
 *   fields: {
 *     name: string, help: string, required: boolean, default: any,
 *     json_schema: Record<string, any>,
 *   }[],
 *   json_schema: Record<string, any>,
 * }} CatalogEntry
 * @typedef {{ families: Record<string, CatalogEntry[]> }} Catalog
 * @typedef {{
 *   id: string, name: string | null, job_id: string | null, spec: Record<string, any>,
 *   task: { kind: string, target: string | null, targets: string[], classes: any[] },
 *   inputs: { name: string, kind: string }[], checkpoint: { epoch: number }, created_at: string,
 * }} Model
 * @typedef {{
 *   name: string, at: number[], points: [number, number][], values: number[],
 *   end: [number, number], value: number, steps: number, distance: number | null,
 *   diverged: boolean,
 * }} DescentPath
 * @typedef {{
 *   surface: Record<string, any>, minima: [number, number][],
 *   window: [number, number, number, number], start: [number, number], paths: DescentPath[],
 *   grid: { x: number[], y: number[], heights: (number | null)[][] },
 * }} Descent
 * @typedef {{
 *   points: { learning_rate: number, loss: number, smoothed: number }[],
 *   suggestion: Record<"steepest" | "lowest_loss" | "tenth_of_lowest", number | null>,
 *   stop_reason: string | null,
 * }} RangeTest
 * @typedef {{
 *   checkpoint: { epoch: number }, dimensions: number, rows: number, loss: number | null,
 *   positions: number[], losses: any[],
 * }} Landscape
 * @typedef {{
 *   passed: boolean, tolerance: number, rows: number, largest_relative_error: number | null,
 *   blocks: {
 *     name: string, checked: number, of: number, kinks: number,
 *     largest_relative_error: number | null, index: number[] | null, analytic: number | null,
 *     numeric: number | null, passed: boolean,
 *   }[],
 * }} GradientCheck
 * @typedef {{
 *   score: string, baseline: number | null, rows: number, repeats: number,
 *   inputs: { column: string, importance: number | null, deviation: number | null }[],
 * }} Importances
 */

export {};
