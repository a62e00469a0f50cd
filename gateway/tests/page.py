"""The page in a headless Chromium: an action is picked, a form filled, sent, and its answer seen, in light and in dark."""

import os
import pathlib
import sys

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from gateway import ask, simulator

URL, TOKEN = os.environ["GATEWAY_URL"], os.environ["GATEWAY_TEST_TOKEN"]
PICTURES = pathlib.Path(os.environ["GATEWAY_PICTURES"])
SECONDS = 300


def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = os.environ["CHROMIUM"]
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1280,1000"):
        options.add_argument(argument)
    # Nothing but this machine, whatever the browser would like to ask at home.
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(os.environ["CHROMEDRIVER"]))


class Page:
    def __init__(self, driver):
        self.driver = driver
        driver.get(URL + "/")
        self.wait(lambda: len(Select(self.at("action")).options) > 30)

    def wait(self, condition):
        return WebDriverWait(self.driver, SECONDS).until(lambda _: condition())

    def at(self, element):
        return self.driver.find_element(By.ID, element)

    def pick(self, action):
        Select(self.at("action")).select_by_visible_text(action)
        self.wait(lambda: self.at("about").text)

    def fill(self, action, member, text):
        field = self.at(f"field-{action}-{member}")
        if field.tag_name == "select":
            Select(field).select_by_visible_text(text)
        else:
            field.clear()
            field.send_keys(text)

    def send(self):
        self.at("send").click()
        self.wait(lambda: self.at("send").is_enabled() and " ms" in self.at("state").text)
        return self.at("state").text

    def picture(self, name):
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(PICTURES / name))


def labelled(page):
    """Every field has a label that a screen reader finds."""
    for field in page.driver.find_elements(By.CSS_SELECTOR, "#form input, #form select, #form textarea"):
        labels = page.driver.execute_script("return arguments[0].labels.length", field)
        assert labels == 1, f"{field.get_attribute('id')} has {labels} labels"


def run(driver):
    simulator("POST", "ioc_stream/add?count=5")
    page = Page(driver)
    labelled(page)

    page.pick("get-ioc-stream-objects")
    page.fill("get-ioc-stream-objects", "limit", "2")
    page.fill("get-ioc-stream-objects", "descriptors_only", "true")
    assert page.send().startswith("401"), "an answer without the token"
    assert "GATEWAY_TOKEN" in page.at("detail").text

    page.at("token").send_keys(TOKEN)
    said = page.send()
    assert said.startswith("200") and " ms" in said, said
    first = page.at("result").text
    assert '"json_body"' in first and '"context_attributes"' in first, first[:300]
    page.picture("light.png")
    page.driver.find_element(By.XPATH, "//button[text()='Next page']").click()
    page.wait(lambda: page.at("send").is_enabled() and page.at("result").text not in ("", first))

    page.pick("create-livehunt-ruleset")
    labelled(page)
    page.fill("create-livehunt-ruleset", "name", "from the page")
    page.fill("create-livehunt-ruleset", "rules", "rule a { condition: true }")
    page.fill("create-livehunt-ruleset", "enabled", "false")
    page.fill("create-livehunt-ruleset", "notification_emails", "a@example.org\nb@example.org")
    before = page.at("state").text
    page.at("send").click()
    assert page.at("state").text == before, "sent without the tick that it changes something"
    page.at("sure").click()
    assert page.send().startswith("200"), page.at("result").text
    assert '"a@example.org"' in page.at("result").text

    page.pick("create-retrohunt-job")
    labelled(page)
    page.fill("create-retrohunt-job", "rules", "rule a { condition: true }")
    page.fill("create-retrohunt-job", "corpus", "goodware")
    page.fill("create-retrohunt-job", "time_range-start", "1")
    page.at("sure").click()
    assert page.send().startswith("200"), page.at("result").text
    assert '"start": 1' in page.at("result").text

    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    page.picture("dark.png")
    driver.set_window_size(500, 1000)
    page.picture("narrow.png")
    assert driver.execute_script("return document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"
    blocked = [entry["message"] for entry in driver.get_log("browser") if "Content Security Policy" in entry["message"]]
    assert not blocked, blocked
    # The policy is what keeps a stranger's script out: one put into the page does not run.
    driver.execute_script("const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)")
    assert driver.execute_script("return window.ran") is None, "a script that is not the page's own ran"
    assert "unsafe" not in ask("GET", "/").headers["content-security-policy"]


def main():
    driver = browser()
    try:
        run(driver)
        print(driver.capabilities["browserName"], driver.capabilities["browserVersion"])
    except BaseException:
        PICTURES.mkdir(parents=True, exist_ok=True)
        driver.save_screenshot(str(PICTURES / "failed.png"))
        raise
    finally:
        driver.quit()


if __name__ == "__main__":
    sys.exit(main())
