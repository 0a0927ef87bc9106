import createClient from "openapi-fetch";
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import type { components, paths } from "./schema"; // `npm run generate` writes it

type Epoch = components["schemas"]["Epoch"];
const service: string = import.meta.env.VITE_TRAINYARD_URL ?? "http://127.0.0.1:8000";
const key: string = import.meta.env.VITE_TRAINYARD_API_KEY ?? "";
const client = createClient<paths>({ baseUrl: service, headers: { Authorization: `Bearer ${key}` } });

/** Queue a training on two moons; its id. */
async function train(): Promise<string> {
  const { data, error } = await client.POST("/v1/jobs", {
    body: {
      dataset: { kind: "two_moons", samples: 1000 },
      network: { layers: [{ kind: "dense", units: 32, activation: "tanh" }] },
      training: { epochs: 200 },
    },
  });
  if (error) throw new Error(error.detail);
  if (!("id" in data)) throw new Error("This is the plan of a job, not a job.");
  return data.id;
}

/** Tell of every epoch of a job after the event `after`, across lost connections, to its end. */
async function follow(job: string, tell: (epoch: Epoch) => void, left: AbortSignal, after = 0) {
  const { data } = await client.POST("/v1/stream_tokens");
  if (!data || left.aborted) return;
  const events = new EventSource(`${service}/v1/jobs/${job}/events?after=${after}&token=${data.token}`);
  left.addEventListener("abort", () => events.close());
  events.addEventListener("epoch", (event) => {
    const { seq, epoch }: components["schemas"]["EpochEvent"] = JSON.parse(event.data);
    after = seq;
    tell(epoch);
  });
  events.addEventListener("end", () => events.close());
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) void follow(job, tell, left, after); // expired
  });
}

/** A line through losses; all lines share the scale that `top` ends. */
function Curve({ losses, top, color }: { losses: number[]; top: number; color: string }) {
  const points = losses.map((loss, index) => `${(640 * index) / losses.length},${320 * (1 - loss / top)}`);
  return <polyline points={points.join(" ")} fill="none" stroke={color} strokeWidth={2} />;
}

function App() {
  const [job, setJob] = useState<string>();
  const [epochs, setEpochs] = useState<Epoch[]>([]);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const leaving = new AbortController();
    setEpochs([]);
    if (job) void follow(job, (epoch) => setEpochs((known) => [...known, epoch]), leaving.signal);
    return () => leaving.abort();
  }, [job]);
  const learnt = epochs.map((epoch) => epoch.train.loss ?? 0);
  const unseen = epochs.map((epoch) => epoch.validation?.loss ?? 0);
  const top = Math.max(...learnt, ...unseen);
  return (
    <main style={{ fontFamily: "system-ui", maxWidth: 640, margin: "2rem auto" }}>
      <h1>A live curve</h1>
      <button onClick={() => void train().then(setJob, (error: Error) => setProblem(error.message))}>Train</button>
      <output> {problem || (epochs.length > 0 && `epoch ${epochs.length}, loss ${learnt.at(-1)?.toFixed(4)}`)}</output>
      <svg viewBox="0 0 640 320" role="img" aria-label="Loss by epoch">
        <Curve losses={learnt} top={top} color="#3b82f6" />
        <Curve losses={unseen} top={top} color="#f97316" />
      </svg>
      <p>
        Loss: <b style={{ color: "#3b82f6" }}>train</b>, <b style={{ color: "#f97316" }}>validation</b>
      </p>
    </main>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
