// A page in React: its components show what the person who is signed in may do, and nothing until that is known.
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { connect } from "rolewright";
import { follow } from "rolewright/live";
import { Can, RolewrightProvider, useCan } from "rolewright/react";

const TENANT = "default";

/** The checker of the session's person: `undefined` until it is there, `null` where nobody is signed in. */
function useRolewrightSession() {
  const [rw, setRw] = useState();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let stop = () => undefined;
    let isGone = false;
    connect({ url: location.origin, tenant: TENANT }).then(
      (made) => {
        if (isGone) return made.dispose();
        const unfollow = follow(made, { url: location.origin });
        stop = () => (unfollow(), made.dispose());
        setRw(made);
      },
      () => isGone || setRw(null),
    );
    return () => {
      isGone = true;
      stop();
    };
  }, [turn]);
  return [rw, () => setTurn((before) => before + 1)];
}

function SignIn({ onDone }) {
  const [said, setSaid] = useState("");
  const submit = async (event) => {
    event.preventDefault();
    const body = JSON.stringify(Object.fromEntries(new FormData(event.target)));
    const headers = { "content-type": "application/json" };
    const response = await fetch(`/api/v1/tenants/${TENANT}/session`, { method: "POST", headers, body });
    if (response.ok) onDone();
    else setSaid((await response.json()).detail);
  };
  return (
    <form onSubmit={submit}>
      <label>Email <input name="email" type="email" autoComplete="username" required /></label>
      <label>Password <input name="password" type="password" autoComplete="current-password" required /></label>
      <button>Sign in</button>
      <p role="alert">{said}</p>
    </form>
  );
}

function Reports() {
  const mayDelete = useCan("reports.manage");
  return (
    <Can permission="reports.view" fallback={<p>Ask an administrator to see reports.</p>}>
      <p>The weekly report</p>
      <Can permission="reports.run">{(ui) => <button disabled={ui !== "enabled"}>Run</button>}</Can>
      {mayDelete && <button>Delete</button>}
    </Can>
  );
}

function Page() {
  const [rw, again] = useRolewrightSession();
  return (
    <RolewrightProvider rw={rw ?? undefined}>
      <h1>Reports</h1>
      {rw === null && <SignIn onDone={again} />}
      {rw && <Reports />}
    </RolewrightProvider>
  );
}

createRoot(document.getElementById("root")).render(<Page />);
