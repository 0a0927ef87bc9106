/**
 * What every part of the view of a run is given.
 *
 * @typedef {object} Context
 * @property {import("./live.js").LiveRun} run
 * @property {import("./state.js").State} state
 * @property {import("./source.js").Source} source
 * @property {import("./selected_checkpoint.js").SelectedCheckpoint} selected
 */

export {};
