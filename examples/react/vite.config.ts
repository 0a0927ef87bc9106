import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The address that the service is told to let in: see README.md.
export default defineConfig({ plugins: [react()], server: { host: "127.0.0.1", port: 5173, strictPort: true } });
