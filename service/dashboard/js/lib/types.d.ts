/**
 * What the API sends and takes, by the names that the dashboard's code uses: aliases of the types that
 * are generated from the OpenAPI document. A field that the document has no longer is an error where
 * the code reads it.
 */

import type { components, paths } from "openapi";

type Schemas = components["schemas"];

export type FieldProblem = Schemas["FieldProblem"];
export type ProblemDetails = Schemas["Problem"];

export type Catalog = Schemas["Catalog"];
export type CatalogEntry = Schemas["CatalogEntry"];
export type CatalogField = Schemas["CatalogField"];

export type Dataset = Schemas["Dataset"];
export type DatasetCreate = Schemas["DatasetCreate"];
export type DatasetPreview = Schemas["DatasetPreview"];
export type DatasetColumn = Schemas["ColumnStatistics"];
export type Image = Schemas["Image"];
export type Row = Schemas["RowPage"]["data"][number];
export type Task = Schemas["Task"];
export type Label = Task["classes"][number];
export type Histogram = Schemas["Histogram"];

export type Job = Schemas["Job"];
export type JobCreate = Schemas["JobCreate"];
export type JobAdvance = Schemas["JobAdvance"];
/** What a job can be asked to do: the ends of its paths that take a POST. */
export type JobAction = ActionOf<keyof paths>;
export type JobError = Schemas["JobError"];
export type JobStatus = Schemas["JobStatus"];
/** The recipe of a run or a model; what an earlier version trained lacks the members that were added since. */
export type StoredRecipe = Partial<Filled<Schemas["Recipe"]>>;
export type Layer = Filled<Schemas["NetworkSpec"]>["layers"][number];
export type Plan = Schemas["Plan"];
export type Epoch = Schemas["Epoch"];
export type Checkpoint = Schemas["Checkpoint"];
export type JobEvent = Schemas["EventPage"]["data"][number] | Schemas["EndEvent"];
export type RangeTest = Schemas["RangeTestResult"];

export type Model = Schemas["Model"];
export type ModelInput = Schemas["ModelInput"];
export type Predictions = Schemas["Predictions"];
export type Evaluation = Schemas["Evaluation"];
export type OutOfFoldEvaluation = Schemas["OutOfFoldEvaluation"];
export type Scores = Evaluation["scores"];
export type RowAnswers = Schemas["Answers"];
export type Trace = Schemas["Trace"];
export type TraceRequest = Schemas["TraceRequest"];
export type TracedLayer = Schemas["TracedLayer"];
export type Numbers = Schemas["Numbers"];
export type Landscape = Schemas["Landscape"];
export type LandscapeRequest = Schemas["LandscapeRequest"];
export type GradientCheck = Schemas["GradientCheck"];
export type Importances = Schemas["Importances"];
export type Descent = Schemas["Descent"];
export type DescentRequest = Schemas["DescentRequest"];
export type DescentRun = Schemas["Run"];
export type Grid = Schemas["Grid"];
export type DescentPath = Schemas["Path"];

type ActionOf<Path extends keyof paths> = Path extends `/v1/jobs/{job_id}/${infer Action}`
  ? paths[Path]["post"] extends object ? Action : never
  : never;

/** A recipe in which nothing is left out, and no word stands for an object with its defaults. */
type Filled<Part> = Part extends (infer Element)[]
  ? FilledMember<Element>[]
  : Part extends object
    ? { [Name in keyof Part]-?: FilledMember<Part[Name]> }
    : Part;
type FilledMember<Member> = [Extract<Member, object>] extends [never] ? Member : Filled<Exclude<Member, string | undefined>>;

type Method = "get" | "post" | "delete";

/** The path `/v1/jobs/{job_id}` as the code writes it: `/v1/jobs/${string}`. */
type Template<Path extends string> = Path extends `${infer Before}{${string}}${infer After}`
  ? `${Before}${string}${Template<After>}`
  : Path;

/** The operation that a path of the code requests; never, where the API has none. */
type Operation<Path, Verb extends Method> = Path extends unknown
  ? {
      [Known in keyof paths]: [Path] extends [Template<Known>]
        ? [Template<Known>] extends [Path] ? NonNullable<paths[Known][Verb]> : never
        : never;
    }[keyof paths]
  : never;

type JsonContent<Message> = Message extends { content: { "application/json": infer Content } } ? Content : never;

/** A path that is one of the API's; never, if it is not. */
export type PathOf<Path extends string, Verb extends Method> = [Operation<Path, Verb>] extends [never] ? never : Path;

/** What the API responds with where it succeeds. */
export type ResponseOf<Path, Verb extends Method> = Operation<Path, Verb> extends { responses: infer Responses }
  ? { [Status in keyof Responses]: Status extends 200 | 201 | 202 ? JsonContent<Responses[Status]> : never }[keyof Responses]
  : never;

/** What the API takes: JSON, or a form with a file. */
export type BodyOf<Path, Verb extends Method> = Operation<Path, Verb> extends { requestBody?: infer Body }
  ? JsonContent<Body> | (Body extends { content: { "multipart/form-data": unknown } } ? FormData : never)
  : never;

/** The parameters of an address; those that are null are left out. */
export type QueryOf<Path, Verb extends Method> = Operation<Path, Verb> extends { parameters: { query?: infer Query } }
  ? { [Name in keyof NonNullable<Query>]?: NonNullable<Query>[Name] | null }
  : never;
