/** A choice that is kept in the address's hash, so that a reload shows the same. */
import { useEffect, useState } from "preact/hooks";

/** The one of `names` that the hash is, or the first; and how to choose another, which is no step in the browser's history. */
export function useHash<Name extends string>(names: readonly [Name, ...Name[]]): [Name, (name: Name) => void] {
  const inAddress = () => names.find((name) => `#${name}` === location.hash) ?? names[0];
  const [chosen, setChosen] = useState(inAddress);
  useEffect(() => {
    const follow = () => setChosen(inAddress());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return [
    chosen,
    (name) => {
      history.replaceState(history.state, "", `#${name}`);
      setChosen(name);
    },
  ];
}
