/** The settings: those of this browser at once, those of the list by the server. */
import { useSignal } from "@preact/signals";
import { call, Failure } from "./api";
import { Dialog } from "./parts/dialog";
import { failureWords } from "./parts/line";
import { say } from "./parts/toast";
import { sheet } from "./sheets";
import { chooseSingleKeys, singleKeys } from "./shortcuts";
import { list, sync } from "./store/mirror";
import { chooseLanguage, chosenLanguage, LANGUAGES, texts } from "./texts";
import { chooseTheme, THEMES, theme } from "./theme";
import { LIST_ID, type List } from "./types";

export function Settings() {
  const t = texts.value.settings;
  return (
    <Dialog
      title={t.heading}
      onClose={() => {
        sheet.value = null;
      }}
    >
      <div class="form">
        <fieldset class="field">
          <legend>{t.theme}</legend>
          <div class="segments">
            {THEMES.map((name) => (
              <label key={name}>
                <input type="radio" name="theme" checked={theme.value === name} onChange={() => chooseTheme(name)} />
                {t.themes[name]}
              </label>
            ))}
          </div>
        </fieldset>
        <label class="field">
          <span>{t.language}</span>
          <select
            value={chosenLanguage.value ?? ""}
            onChange={(event) => chooseLanguage(event.currentTarget.value || null)}
          >
            <option value="">{t.languageSystem}</option>
            {Object.entries(LANGUAGES).map(([name, { language }]) => (
              <option key={name} value={name} lang={name}>
                {language}
              </option>
            ))}
          </select>
        </label>
        <label class="choice">
          <input
            type="checkbox"
            checked={singleKeys.value}
            onChange={(event) => chooseSingleKeys(event.currentTarget.checked)}
          />
          {t.keys}
        </label>
      </div>
      <ListSettings />
    </Dialog>
  );
}

function ListSettings() {
  const t = texts.value.settings;
  const problem = useSignal<Failure | null>(null);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    try {
      const zone = String(form.get("time_zone") ?? "").trim();
      await call<List>("PATCH", `lists/${LIST_ID}`, { name: String(form.get("name") ?? ""), time_zone: zone || null });
      problem.value = null;
      say(t.saved);
      void sync();
      sheet.value = null;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      problem.value = error;
    }
  }

  return (
    <form class="form" onSubmit={submit}>
      <label class="field">
        <span>
          {t.listName} <small class="hint">{t.listNameHint}</small>
        </span>
        <input
          name="name"
          dir="auto"
          defaultValue={list.value?.name ?? ""}
          aria-invalid={problem.value?.field === "name"}
        />
      </label>
      <label class="field">
        <span>
          {t.timeZone} <small class="hint">{t.timeZoneHint}</small>
        </span>
        <input
          name="time_zone"
          list="zones"
          autocomplete="off"
          defaultValue={list.value?.time_zone ?? ""}
          aria-invalid={problem.value?.field === "time_zone"}
        />
      </label>
      <datalist id="zones">
        {Intl.supportedValuesOf("timeZone").map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      {problem.value && (
        <p class="note error" role="alert">
          {failureWords(problem.value)}
        </p>
      )}
      <div class="buttons">
        <button type="submit" class="primary" disabled={!list.value}>
          {texts.value.save}
        </button>
      </div>
    </form>
  );
}
